-- Purpose: What a number is made of, by the kind of its postings.
-- Grain: a kind of posting
SELECT kind, count() AS postings, sum(amount) AS usd
FROM ledger
WHERE day BETWEEN {first:Date} AND {last:Date}{among}
GROUP BY kind
ORDER BY usd DESC, kind
