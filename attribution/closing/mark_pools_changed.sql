-- Purpose: Marks the pools of a month that is opened again, because their use may have changed while it was closed.
-- Grain: a pool
INSERT INTO pool_changes (period, pool, mark)
SELECT {period:String}, arrayJoin(arrayPushBack(groupUniqArray(toString(pool)), '')), rand64()
FROM pool_splits
WHERE period = {period:String}
