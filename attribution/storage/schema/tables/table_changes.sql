-- Purpose: Spans that were inserted into a table of the Collector's exporter since it was attributed. They are deleted when they are read.
-- Grain: an inserted span
CREATE TABLE IF NOT EXISTS table_changes
(
    source_table LowCardinality(String) COMMENT 'database.table',
    trace_id     String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1)),
    span_id      String COMMENT 'span, 16 hex digits' CODEC(ZSTD(1)),
    start_time   DateTime64(9, 'UTC') COMMENT 'when it began' CODEC(Delta, ZSTD(1)),
    content      UInt64 COMMENT 'hash of all that was inserted',
    inserted_at  DateTime64(9, 'UTC') COMMENT 'when it was inserted'
)
ENGINE = MergeTree
ORDER BY (source_table, start_time)
