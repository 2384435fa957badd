-- Purpose: What each model costs, and what it cost in the days before.
-- Grain: a provider and model; the {rows_max} most expensive
SELECT
    provider,
    model,
    sumIf(amount, day >= {first:Date}) AS total,
    sumIf(amount, day < {first:Date}) AS total_before
FROM {rollup:Identifier}
WHERE day BETWEEN {before:Date} AND {last:Date}{among} AND kind NOT IN ('allocation', 'relief')
GROUP BY provider, model
HAVING total != 0 OR total_before != 0
ORDER BY total DESC, provider, model
LIMIT {rows_max:UInt32}
