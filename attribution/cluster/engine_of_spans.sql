-- Purpose: The engine of the table of spans on this node.
-- Grain: one row; no row where there is no such table
SELECT engine
FROM system.tables
WHERE database = currentDatabase() AND name = 'span_records'
