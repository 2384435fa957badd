-- Purpose: Marks the pools of open months, because what they are split by may have changed.
-- Grain: a period and pool
INSERT INTO pool_changes (period, pool, mark)
SELECT period, pool, rand64()
FROM pool_splits FINAL
WHERE period NOT IN (SELECT period FROM closings WHERE stands AND state = 'closed')
