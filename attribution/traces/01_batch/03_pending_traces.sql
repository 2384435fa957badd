-- Work table: pending_traces
-- Purpose: The traces within the reach of this pass that changed since they were attributed.
-- Grain: a trace (trace_id)
-- Columns:
--     trace_id String: the trace
--     marks Array(UInt64): the changes that this pass reads; exactly these are settled at its end
--     spans UInt64: spans that were inserted since the trace was attributed
SELECT trace_id, groupArray(mark) AS marks, sum(new_spans) AS spans
FROM pending
WHERE trace_id > {after:String} AND trace_id <= {reach:String}
GROUP BY trace_id
