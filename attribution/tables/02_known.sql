-- Purpose: How far a table was read, and whether changes to it are noted.
-- Grain: one row; no row where it was never read
SELECT
    uuid,
    read_ns,
    complete,
    (SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = {view:String}) AS noted
FROM source_tables FINAL
WHERE source_table = {source_table:String}
