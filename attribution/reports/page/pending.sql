-- Purpose: Traces that changed and are not attributed yet.
-- Grain: one row
SELECT uniqExact(trace_id) AS traces, sum(new_spans) AS spans
FROM pending
