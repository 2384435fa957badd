-- Purpose: What some days cost in all, what of it is shared and what has no team, and what the days before them cost.
-- Grain: one row
SELECT
    sumIf(amount, day >= {first:Date}) AS total,
    sumIf(amount, day >= {first:Date} AND kind = 'allocation') AS shared,
    sumIf(amount, day >= {first:Date} AND team = '' AND (pool = '' OR kind = 'allocation')) AS unattributed,
    sumIf(amount, day < {first:Date}) AS total_before
FROM {rollup:Identifier}
WHERE day BETWEEN {before:Date} AND {last:Date}{among}
