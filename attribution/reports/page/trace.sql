-- Purpose: One trace with all that explains its cost.
-- Grain: a span
SELECT *
FROM attributed_spans
WHERE trace_id = {trace_id:String}{among}
ORDER BY start_time, span_id
LIMIT {rows_max:UInt32}
