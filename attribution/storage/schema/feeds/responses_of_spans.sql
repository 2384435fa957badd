-- Purpose: Fills `responses` from inserted spans. Log events and spans that tell one call and no response id find each other by the session
--          and the counts (R1).
-- Grain: a response id, or session and counts, trace and inserted block
CREATE MATERIALIZED VIEW IF NOT EXISTS responses_of_spans TO responses AS
SELECT DISTINCT
    if(
        response_id != '',
        cityHash64(response_id),
        cityHash64('event', sender, span_session, ifNull(input_tokens, 0), ifNull(output_tokens, 0))) AS response,
    cityHash64(trace_id) AS trace,
    trace_id
FROM span_records
WHERE response_id != ''
    OR (span_session != '' AND usage = 'leaf' AND ifNull(input_tokens, 0) + ifNull(output_tokens, 0) > 0)
