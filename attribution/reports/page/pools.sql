-- Purpose: The pools of the months of some days.
-- Grain: a period and pool
SELECT period, pool, driver, use_period, method, spans, added, cost
FROM pools
WHERE period BETWEEN {first_period:String} AND {last_period:String} AND ({pool:String} = '' OR pool = {pool:String})
ORDER BY period DESC, cost DESC, pool
LIMIT {rows_max:UInt32}
