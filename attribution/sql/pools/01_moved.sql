-- Purpose: what moved since pools were split.
-- Grain:   period and pool; pool '' for every period in which something did.
-- Columns: marks settles exactly what was read.
CREATE TABLE {moved:Identifier} ENGINE = Memory AS
SELECT period, pool, groupArray(mark) AS marks
FROM pending_pools
GROUP BY period, pool
