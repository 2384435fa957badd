-- Purpose: How the cost of each pool comes to each team.
-- Grain: a period, pool, via and team; of all periods where {period} is ''
SELECT period, pool, via, team, share, amount
FROM pool_routes
WHERE {period:String} IN ('', period)
ORDER BY period, pool, amount DESC, team, via
