-- Purpose: How the cost of each pool comes to each team.
-- Grain: a period, pool, via, team, and month in which late cost arose; of all periods where {period} is ''
SELECT period, pool, late_from, via, team, share, amount
FROM pool_routes
WHERE {period:String} IN ('', period)
ORDER BY period, pool, late_from, amount DESC, team, via
