-- Purpose: The pools, what they cost and what they are split by.
-- Grain: a period, pool, and month in which late cost arose; of all periods where {period} is ''
SELECT period, pool, late_from, spans, added, cost, driver, use_period, method
FROM pools
WHERE {period:String} IN ('', period)
ORDER BY period, cost DESC, pool, late_from
