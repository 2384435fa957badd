-- Purpose: Fills `responses` from inserted spans. Log events and spans that tell one call and no response id find each other by the session
--          and the counts (R1).
-- Grain: a response id, or session and counts, trace, emitter, time and inserted block
CREATE MATERIALIZED VIEW IF NOT EXISTS responses_of_spans TO responses AS
SELECT DISTINCT
    if(
        response_id != '',
        cityHash64(response_id),
        cityHash64('event', sender, span_session, ifNull(input_tokens, 0), ifNull(output_tokens, 0))) AS response,
    cityHash64(trace_id) AS trace,
    trace_id,
    if(
        ifNull(input_tokens, 0) + ifNull(output_tokens, 0) > 0,
        cityHash64(sender, service, scope_name, signal),
        0) AS emitter,
    toUInt32(least(greatest(toUnixTimestamp64Second(start_time), 0), 4294967295)) AS begins,
    toUInt16(least(intDiv(duration_ns, 1000000000) + 2, 65535)) AS lasts
FROM span_records
WHERE response_id != ''
    OR (span_session != '' AND usage = 'leaf' AND ifNull(input_tokens, 0) + ifNull(output_tokens, 0) > 0)
