-- Purpose: The pools, what they cost and what they are split by.
-- Grain: a period and pool; of all periods where {period} is ''
SELECT period, pool, spans, added, cost, driver, use_period, method
FROM pools
WHERE {period:String} IN ('', period)
ORDER BY period, cost DESC, pool
