-- Purpose: The way on which the cost of each pool comes to each team in the months of some days.
-- Grain: a period, pool, via, team, and month in which late cost arose
SELECT period, pool, late_from, via, team, share, amount
FROM pool_routes
WHERE period BETWEEN {first_period:String} AND {last_period:String} AND ({pool:String} = '' OR pool = {pool:String}) AND via != pool
ORDER BY period DESC, pool, late_from, amount DESC, team, via
LIMIT {rows_max:UInt32}
