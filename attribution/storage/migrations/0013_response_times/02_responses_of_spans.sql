-- Purpose: Lets the feed of responses tell who told a response id, and when. It is changed in place.
-- Grain: the whole feed
ALTER TABLE responses_of_spans MODIFY QUERY
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
