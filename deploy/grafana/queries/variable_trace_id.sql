-- Purpose: The most expensive traces of the last week.
-- Grain: a trace
SELECT trace_id FROM spanledger.traces WHERE start_time >= now() - INTERVAL 7 DAY ORDER BY cost DESC, trace_id LIMIT 50
