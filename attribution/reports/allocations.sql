-- Purpose: how each pool is split.
-- Grain:   period, pool and team.
SELECT period, pool, team, weight, share, amount
FROM allocations
ORDER BY period, pool, amount DESC, team
