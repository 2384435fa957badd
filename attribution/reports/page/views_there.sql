-- Purpose: Which views there are: what a section reads may not be in an older store.
-- Grain: a view
SELECT name
FROM system.tables
WHERE database = currentDatabase() AND engine = 'View'
