-- Purpose: Whether the spans are on the shards of a cluster.
-- Grain: one row where they are
SELECT 1
FROM system.tables
WHERE database = currentDatabase() AND name = 'span_records' AND engine = 'Distributed'
