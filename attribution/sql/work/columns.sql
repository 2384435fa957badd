-- Purpose: the columns of a table.
-- Grain:   column, in their order.
SELECT name, type
FROM system.columns
WHERE database = currentDatabase() AND table = {table:String}
ORDER BY position
