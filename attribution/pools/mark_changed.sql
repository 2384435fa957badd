-- Purpose: marks one pool to be split anew.
-- Grain:   one row.
INSERT INTO pool_changes (period, pool, mark)
SELECT {period:String}, {pool:String}, rand64()
