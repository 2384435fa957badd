-- Purpose: The tables of this store, with their engines and comments.
-- Grain: a table
SELECT name, engine, comment
FROM system.tables
WHERE database = currentDatabase()
