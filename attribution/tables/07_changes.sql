-- Purpose: A copy of the next changes of a table, in the order of their start, for the time of reading them.
-- Grain: an inserted span; none where {rows_max} is 0
-- Columns: Timestamp: named as in the table, so that one statement cuts both into windows.
CREATE TABLE {changes:Identifier} ENGINE = MergeTree ORDER BY Timestamp AS
SELECT start_time AS Timestamp, trace_id, span_id, content, inserted_at
FROM table_changes
WHERE source_table = {source_table:String}
ORDER BY start_time
LIMIT {rows_max:UInt64}
