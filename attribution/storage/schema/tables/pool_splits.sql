-- Purpose: The pools, and what each is split by (R10).
-- Grain: a period, pool, and month in which late cost arose; the highest version counts.
CREATE TABLE IF NOT EXISTS pool_splits
(
    version    UInt64 COMMENT 'the highest counts; ns since the epoch',
    period     LowCardinality(String) COMMENT 'month, such as 2026-10',
    pool       LowCardinality(String) COMMENT 'the pool; empty: none',
    driver     LowCardinality(String) COMMENT 'what the pool is split by',
    use_period LowCardinality(String) COMMENT 'the month whose use counts: the same, or the one before',
    method     LowCardinality(String) COMMENT 'reciprocal, step_down, direct: how what it serves other pools is solved; empty: it serves none',
    late_from LowCardinality(String) COMMENT 'month in which late cost arose; empty: cost of the period itself'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (period, pool, late_from)
