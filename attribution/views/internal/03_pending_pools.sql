-- Internal view: pending_pools
-- Purpose: Changes of pools that are not settled.
-- Grain: a change (period, pool, mark)
-- Columns:
--     period String: month
--     pool String: the pool; empty: something in the month
--     mark UInt64: the change
SELECT period, pool, mark
FROM pool_changes
GROUP BY period, pool, mark
HAVING sum(sign) > 0
