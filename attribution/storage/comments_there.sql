-- Purpose: what the columns of the tables of this store say of themselves.
-- Grain:   column.
SELECT table, name, comment
FROM system.columns
WHERE database = currentDatabase()
