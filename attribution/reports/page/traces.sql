-- Purpose: The most expensive traces of some days.
-- Grain: a trace; the {rows_max} most expensive
SELECT trace_id, start_time, duration_ns, spans, team, user, task, workflow, cost, unpriced_spans
FROM traces
WHERE toDate(start_time) BETWEEN {first:Date} - 1 AND {last:Date} + 1
    AND toDate(start_time, {timezone:String}) BETWEEN {first:Date} AND {last:Date}{among}
ORDER BY cost DESC, trace_id
LIMIT {rows_max:UInt32}
