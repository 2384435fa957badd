-- Purpose: Which of some traces have any record. Most runs that ask for the first time have none, and need no replay.
-- Grain: a trace (trace_id)
SELECT DISTINCT trace_id
FROM span_records
WHERE trace_id IN {traces:Array(String)}
