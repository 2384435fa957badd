-- Purpose: The pools of the months of some days.
-- Grain: a period, pool, and month in which late cost arose
SELECT period, pool, late_from, driver, use_period, method, spans, added, cost
FROM pools
WHERE period BETWEEN {first_period:String} AND {last_period:String} AND ({pool:String} = '' OR pool = {pool:String})
ORDER BY period DESC, cost DESC, pool, late_from
LIMIT {rows_max:UInt32}
