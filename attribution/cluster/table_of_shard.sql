-- Purpose: Which table of spans a shard has; no other has the same.
-- Grain: one row; no row where there is none
SELECT toString(uuid) AS table
FROM system.tables
WHERE database = currentDatabase() AND name = 'span_records' AND endsWith(engine, 'MergeTree')
