-- Purpose: marks the pools of a month that is opened again: its use may have changed meanwhile.
-- Grain:   pool.
INSERT INTO pool_changes (period, pool, mark)
SELECT {period:String}, arrayJoin(arrayPushBack(groupUniqArray(toString(pool)), '')), rand64()
FROM pool_splits
WHERE period = {period:String}
