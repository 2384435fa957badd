-- Purpose: The trace with the highest cost.
-- Grain: one row; no row in an empty store
SELECT trace_id, cost
FROM traces
ORDER BY cost DESC, trace_id
LIMIT 1
