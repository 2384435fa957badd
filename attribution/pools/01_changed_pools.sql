-- Work table: changed_pools
-- Purpose: The periods and pools that changed since the pools were split.
-- Grain: a period and pool (period, pool); pool '' stands for every period in which something changed
-- Columns:
--     period String: month
--     pool String: the pool; empty: something in the month
--     marks Array(UInt64): the changes that are settled once the pools are split
SELECT period, pool, groupArray(mark) AS marks
FROM pending_pools
GROUP BY period, pool
