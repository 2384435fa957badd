-- Purpose: The months that were closed and reopened (R12). Rows are added, never changed.
-- Grain: a change of a month; the highest version of a month counts, a month without one is open.
CREATE TABLE IF NOT EXISTS period_states
(
    version  UInt64 COMMENT 'when, ns since the epoch',
    period   LowCardinality(String) COMMENT 'month, such as 2026-10',
    closed   Bool COMMENT 'whether the month is closed',
    reason   String COMMENT 'why it was reopened'
)
ENGINE = MergeTree
ORDER BY (period, version)
