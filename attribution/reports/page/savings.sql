-- Purpose: What answers from a cache saved in some days.
-- Grain: a provider and model
SELECT provider, model, sum(calls) AS cached_calls, sum(saved) AS usd_saved, sum(unpriced_calls) AS calls_without_price
FROM savings
WHERE day BETWEEN {first:Date} AND {last:Date}
GROUP BY provider, model
ORDER BY usd_saved DESC, model
LIMIT {rows_max:UInt32}
