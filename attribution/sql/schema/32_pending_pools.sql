-- Purpose: pools to be split anew, for their cost or their use may have changed.
-- Grain:   change; pool '' says that something in the month changed. A mark is unique, so that settling what was read never settles
--          what came after.
CREATE TABLE IF NOT EXISTS pending_pools
(
    period String,
    pool   String,
    mark   UInt64
)
ENGINE = MergeTree
ORDER BY (period, pool)
