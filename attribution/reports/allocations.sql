-- Purpose: How each pool is split.
-- Grain: a period, pool, team, and month in which late cost arose
SELECT period, pool, late_from, team, weight, share, amount
FROM allocations
ORDER BY period, pool, late_from, amount DESC, team
