-- Purpose: The tables of the Collector's exporter that hold attributes of spans and still exist.
-- Grain: a table
SELECT source_table
FROM source_tables FINAL
WHERE source_table IN (SELECT concat(database, '.', name) FROM system.tables)
ORDER BY source_table
