-- Purpose: How many traces a batch holds, and its last trace.
-- Grain: one row
SELECT count() AS traces, max(trace_id) AS last
FROM {batch:Identifier}
