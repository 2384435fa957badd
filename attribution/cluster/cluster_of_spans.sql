-- Purpose: The cluster on whose shards the spans are.
-- Grain: one row where they are
SELECT extract(engine_full, 'Distributed\\(\'([^\']+)\'') AS cluster
FROM system.tables
WHERE database = currentDatabase() AND name = 'span_records' AND engine = 'Distributed'
