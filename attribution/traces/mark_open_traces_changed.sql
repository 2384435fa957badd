-- Purpose: Marks the traces with a span in an open month as changed, because the configuration now decides otherwise who pays for them.
-- Grain: a trace
INSERT INTO changes (trace_id, mark)
SELECT trace_id, rand64()
FROM span_records
WHERE formatDateTime(start_time, '%Y-%m', {zone_before:String}) GLOBAL NOT IN (SELECT period FROM closings WHERE stands AND state = 'closed')
    OR formatDateTime(start_time, '%Y-%m', {zone_now:String}) GLOBAL NOT IN (SELECT period FROM closings WHERE stands AND state = 'closed')
GROUP BY trace_id
