-- Purpose: how this node stores spans.
-- Grain:   one row, none where it stores none.
SELECT engine
FROM system.tables
WHERE database = currentDatabase() AND name = 'span_records'
