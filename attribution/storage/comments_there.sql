-- Purpose: The comments of all columns of this store.
-- Grain: a column
SELECT table, name, comment
FROM system.columns
WHERE database = currentDatabase()
