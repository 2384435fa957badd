-- Purpose: How each pool is split among teams in the months of some days.
-- Grain: a period, pool, team, and month in which late cost arose
SELECT period, pool, late_from, team, weight, share, amount
FROM allocations
WHERE period BETWEEN {first_period:String} AND {last_period:String} AND ({pool:String} = '' OR pool = {pool:String}){among}
ORDER BY period DESC, pool, late_from, amount DESC, team
LIMIT {rows_max:UInt32}
