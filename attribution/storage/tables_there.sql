-- Purpose: The tables and views of this store: engine, comment, and which one it is (made anew it is another, altered it changes).
-- Grain: a table
SELECT name, engine, comment, uuid, metadata_modification_time AS changed_at
FROM system.tables
WHERE database = currentDatabase()
