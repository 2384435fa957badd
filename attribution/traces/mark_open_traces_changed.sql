-- Purpose: marks the traces with a span in an open month, for who pays is decided otherwise now.
-- Grain:   trace; all of them where no month is closed.
INSERT INTO changes (trace_id, mark)
SELECT trace_id, rand64()
FROM span_records
WHERE formatDateTime(start_time, '%Y-%m', {zone_before:String}) GLOBAL NOT IN (SELECT period FROM closings WHERE stands AND state = 'closed')
    OR formatDateTime(start_time, '%Y-%m', {zone_now:String}) GLOBAL NOT IN (SELECT period FROM closings WHERE stands AND state = 'closed')
GROUP BY trace_id
