-- Purpose: The posted amounts by day and by the dimensions with many values.
-- Grain: a dimension, day, value, pool and whether there is a team, once rows of one key are merged: always sum.
-- Holds: Of each dimension the sum of the committed rows of `postings`.
CREATE TABLE IF NOT EXISTS ledger_names
(
    dimension Enum8('user' = 1, 'task' = 2) COMMENT 'user or task',
    day       Date COMMENT 'day in the configured zone',
    key       UInt64 DEFAULT cityHash64(name) COMMENT 'compared faster than names, of which there may be millions',
    name      String COMMENT 'the user or the task' CODEC(ZSTD(1)),
    pool      LowCardinality(String) COMMENT 'the pool; empty: none',
    found     Bool COMMENT 'has a team',
    amount    Decimal(38, 12) COMMENT 'USD'
)
ENGINE = SummingMergeTree
ORDER BY (dimension, day, key, name, pool, found)
SETTINGS non_replicated_deduplication_window = 10000
