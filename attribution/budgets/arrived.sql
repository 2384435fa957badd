-- Purpose: Which of some calls have a record in the store.
-- Grain: a call (trace_id, span_id)
SELECT DISTINCT trace_id, span_id
FROM span_records
WHERE trace_id IN {traces:Array(String)} AND span_id IN {spans:Array(String)}
