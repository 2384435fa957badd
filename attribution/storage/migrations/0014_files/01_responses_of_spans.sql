-- Purpose: Lets the feed of responses see sessions and counts of calls that were kept in a file, also where they have a response id. It is
--          changed in place. Earlier spans stay as they are: imported again, they are found.
-- Grain: the whole feed
ALTER TABLE responses_of_spans MODIFY QUERY
SELECT DISTINCT
    arrayJoin(arrayFilter(
        response -> response != 0,
        [
            if(response_id = '', 0, cityHash64(response_id)),
            if(
                (response_id != '' AND signal != 'file') OR span_session = '' OR usage != 'leaf'
                    OR ifNull(input_tokens, 0) + ifNull(output_tokens, 0) = 0,
                0,
                cityHash64('event', sender, span_session, ifNull(input_tokens, 0), ifNull(output_tokens, 0)))
        ])) AS response,
    cityHash64(trace_id) AS trace,
    trace_id,
    if(
        ifNull(input_tokens, 0) + ifNull(output_tokens, 0) > 0,
        cityHash64(sender, service, scope_name, signal),
        0) AS emitter,
    toUInt32(least(greatest(toUnixTimestamp64Second(start_time), 0), 4294967295)) AS begins,
    toUInt16(least(intDiv(duration_ns, 1000000000) + 2, 65535)) AS lasts
FROM span_records
