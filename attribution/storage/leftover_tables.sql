-- Purpose: work tables that were left by something that was killed.
-- Grain:   table.
SELECT name
FROM system.tables
WHERE database = currentDatabase()
    AND startsWith(name, {prefix:String})
    AND metadata_modification_time < now() - toIntervalSecond({seconds:UInt32})
