-- Purpose: What each principal was billed, and what of it no span tells of, as far as invoices that were reconciled name principals.
-- Grain: a provider and principal, the one with the most unseen first
SELECT
    provider,
    principal,
    sum(found.billed) AS usd_billed,
    sum(found.unseen_at_least) AS usd_unseen_at_least,
    sum(found.unseen_at_most) AS usd_unseen_at_most
FROM principals_found AS found
WHERE day BETWEEN {first:Date} AND {last:Date}
GROUP BY provider, principal
ORDER BY usd_unseen_at_most DESC, usd_billed DESC, provider, principal
LIMIT {rows_max:UInt32}
