-- Purpose: the trace that cost most.
-- Grain:   one row, none in an empty store.
SELECT trace_id, cost
FROM traces
ORDER BY cost DESC, trace_id
LIMIT 1
