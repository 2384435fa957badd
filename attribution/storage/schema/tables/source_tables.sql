-- Purpose: Tables of the Collector's ClickHouse exporter whose spans are attributed where they are, and how far they were read.
-- Grain: a table; the highest version counts.
CREATE TABLE IF NOT EXISTS source_tables
(
    version      UInt64 COMMENT 'the highest counts; ns since the epoch',
    source_table String COMMENT 'database.table',
    uuid         String COMMENT 'of the table that was read: one that is made anew is read anew',
    read_ns      Int64 COMMENT 'what was there at first is read up to this start, ns since the epoch',
    complete     Bool COMMENT 'all that was there at first is read: changes alone are left'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY source_table
