-- Purpose: the tables of this store, with their engines and comments.
-- Grain:   table.
SELECT name, engine, comment
FROM system.tables
WHERE database = currentDatabase()
