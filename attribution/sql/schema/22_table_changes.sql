-- Purpose: spans that were inserted into a table of the Collector's exporter since it was attributed; deleted when they are read.
-- Grain:   inserted span.
CREATE TABLE IF NOT EXISTS table_changes
(
    source_table LowCardinality(String),
    trace_id     String CODEC(ZSTD(1)),
    span_id      String CODEC(ZSTD(1)),
    start_time   DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    content      UInt64 COMMENT 'hash of all that was inserted: the table does not say which of several deliveries came last',
    inserted_at  DateTime64(9, 'UTC')
)
ENGINE = MergeTree
ORDER BY (source_table, start_time)
