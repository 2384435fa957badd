-- Purpose: what was posted, day by day, by task.
-- Grain:   day, task, pool and whether it found a team, once rows of one key are merged: always sum.
-- Holds:   the sum of the committed rows of `postings`.
CREATE TABLE IF NOT EXISTS ledger_tasks
(
    day    Date,
    task   String CODEC(ZSTD(1)),
    pool   LowCardinality(String),
    found  Bool COMMENT 'has a team',
    amount Decimal(38, 12) COMMENT 'USD'
)
ENGINE = SummingMergeTree
ORDER BY (day, task, pool, found)
SETTINGS non_replicated_deduplication_window = 10000
