-- View: principals_found
-- Purpose: What each principal was billed of each day, where the invoice that was reconciled last names principals, and what of it no span tells of.
-- Grain: a provider, day and principal (provider, day, principal)
-- Joins: reconciliations_found on provider and day
-- Columns:
--     provider LowCardinality(String): who bills
--     day Date: day in UTC, as providers count
--     principal String: who called, as the invoice says, such as an IAM role; empty: it names nobody
--     billed Decimal(38, 12): USD on the invoice
--     unseen_at_least Decimal(38, 12): USD of it that no span tells of, at least: all of a model that nobody traced
--     unseen_at_most Decimal(38, 12): the same, at most: of a model that several call it is known only how much all of them lack
--     at DateTime64(9, 'UTC'): when it was reconciled
-- Example: SELECT principal, sum(billed) AS usd, sum(unseen_at_most) AS unseen FROM principals_found GROUP BY principal ORDER BY unseen DESC
SELECT provider, day, principal, billed, unseen_at_least, unseen_at_most, at
FROM reconciled_principals
WHERE (provider, day, at) IN (SELECT provider, day, max(at) FROM reconciliations GROUP BY provider, day)
