-- Purpose: Fills `responses` from inserted spans.
-- Grain: a response id, trace and inserted block
CREATE MATERIALIZED VIEW IF NOT EXISTS responses_of_spans TO responses AS
SELECT DISTINCT
    cityHash64(response_id) AS response,
    cityHash64(trace_id) AS trace,
    trace_id
FROM span_records
WHERE response_id != ''
