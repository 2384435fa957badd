-- Purpose: tables of repricings that were killed.
-- Grain:   table.
SELECT name
FROM system.tables
WHERE database = currentDatabase()
    AND name LIKE 'repricing\_%'
    AND metadata_modification_time < now() - toIntervalSecond({seconds:UInt32})
