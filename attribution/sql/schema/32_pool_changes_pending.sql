-- Purpose: changes of pools that are not settled.
-- Grain:   change.
CREATE VIEW IF NOT EXISTS pending_pools AS
SELECT period, pool, mark
FROM pool_changes
GROUP BY period, pool, mark
HAVING sum(sign) > 0
