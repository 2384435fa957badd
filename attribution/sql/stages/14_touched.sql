-- Purpose: pools whose cost or weights this pass may move: those of the traces as they are now and as they were.
-- Grain:   period and pool.
CREATE TABLE {touched:Identifier} ENGINE = Memory AS
WITH pools_now_and_then AS
(
    SELECT period, pool
    FROM {attributed:Identifier}
    WHERE pool != ''
    UNION DISTINCT
    SELECT formatDateTime(day, '%Y-%m'), pool
    FROM activity
    WHERE pass = {version:UInt64} AND pool != ''
    UNION DISTINCT
    -- A pool that is split by direct cost moves with every direct cost of its period.
    SELECT period, pool
    FROM pool_weights
    WHERE pool IN {pools_by_cost:Array(String)} AND period IN (SELECT period FROM {attributed:Identifier})
)
SELECT period, pool
FROM pools_now_and_then
