-- Purpose: Pools that are to be split again, because their cost or their use may have changed. The view `pending_pools` reads it.
-- Grain: a change and sign, as in `changes`; pool '' says that something in the month changed
CREATE TABLE IF NOT EXISTS pool_changes
(
    period String COMMENT 'month, such as 2026-10',
    pool   String COMMENT 'the pool; empty: none',
    mark   UInt64 COMMENT 'the change; unique, so that settling what was read never settles what came after',
    sign   Int8 DEFAULT 1 COMMENT '1: changed, -1: settled'
)
ENGINE = CollapsingMergeTree(sign)
ORDER BY (period, pool, mark)
