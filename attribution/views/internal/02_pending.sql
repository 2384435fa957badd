-- Internal view: pending
-- Purpose: Changes of traces that are not settled.
-- Grain: a change (trace_id, mark)
-- Columns:
--     trace_id String: the trace
--     mark UInt64: the change
--     new_spans UInt64: spans that were inserted with the change; 0: something else changed
SELECT trace_id, mark, max(spans) AS new_spans
FROM changes
GROUP BY trace_id, mark
HAVING sum(sign) > 0
