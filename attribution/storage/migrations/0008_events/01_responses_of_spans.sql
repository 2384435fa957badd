-- Purpose: Lets the feed of responses see sessions and counts of calls without a response id. It is changed in place. Earlier spans stay as
--          they are: no log events were stored beside them.
-- Grain: the whole feed
ALTER TABLE responses_of_spans MODIFY QUERY
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
