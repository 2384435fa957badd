-- Purpose: Marks one pool, so that it is split again.
-- Grain: one row
INSERT INTO pool_changes (period, pool, mark)
SELECT {period:String}, {pool:String}, rand64()
