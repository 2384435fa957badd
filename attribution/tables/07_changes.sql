-- Purpose: changes of a table to read, those that start first, at hand while they are read.
-- Grain:   inserted span; none where {rows_max} is 0.
-- Columns: Timestamp, as in the table, so that both are cut into windows alike.
CREATE TABLE {changes:Identifier} ENGINE = MergeTree ORDER BY Timestamp AS
SELECT start_time AS Timestamp, trace_id, span_id, content, inserted_at
FROM table_changes
WHERE source_table = {source_table:String}
ORDER BY start_time
LIMIT {rows_max:UInt64}
