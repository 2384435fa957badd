-- Purpose: How each pool is split.
-- Grain: a period, pool and team
SELECT period, pool, team, weight, share, amount
FROM allocations
ORDER BY period, pool, amount DESC, team
