-- Purpose: the pools there are, and what each is split by (R10).
-- Grain:   period and pool; the highest version stands.
CREATE TABLE IF NOT EXISTS pool_splits
(
    version    UInt64,
    period     LowCardinality(String),
    pool       LowCardinality(String),
    driver     LowCardinality(String),
    use_period LowCardinality(String) COMMENT 'the month whose use counts: the same, or the one before',
    method     LowCardinality(String) COMMENT 'reciprocal, step_down, direct: how what it serves other pools is solved; empty: it serves none'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (period, pool)
