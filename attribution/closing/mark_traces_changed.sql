-- Purpose: Marks the traces that opening a month concerns: those with a span in it, and those with late postings, because these may be
--          booked elsewhere now.
-- Grain: a trace
INSERT INTO changes (trace_id, mark)
SELECT trace_id, rand64()
FROM
(
    SELECT trace_id
    FROM span_records
    WHERE formatDateTime(start_time, '%Y-%m', {timezone:String}) = {period:String}
    UNION DISTINCT
    SELECT trace_id
    FROM posted
    WHERE trace_id != '' AND (period = {period:String} OR period != effective_period)
)
