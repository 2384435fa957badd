-- Purpose: pools to be split anew, for their cost or their use may have changed; the view `pending_pools` reads it.
-- Grain:   change and sign, as in `changes`; pool '' says that something in the month changed.
CREATE TABLE IF NOT EXISTS pool_changes
(
    period String,
    pool   String,
    mark   UInt64,
    sign   Int8 DEFAULT 1 COMMENT '1: changed, -1: settled'
)
ENGINE = CollapsingMergeTree(sign)
ORDER BY (period, pool, mark)
