-- Purpose: Work tables that were left when a process was killed.
-- Grain: a table
SELECT name
FROM system.tables
WHERE database = currentDatabase()
    AND startsWith(name, {prefix:String})
    AND metadata_modification_time < now() - toIntervalSecond({seconds:UInt32})
