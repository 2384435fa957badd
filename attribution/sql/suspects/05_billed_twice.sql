-- Purpose: traces with a call that is billed through more than one span.
-- Grain:   trace.
-- Holds:   {among} says which traces are looked at. Only of calls that are stored more than once is it asked whether they are billed.
SELECT min(recorded.trace_id) AS trace_id
FROM
(
    SELECT trace_id, span_id, cityHash64(response_id, assumeNotNull(input_tokens), assumeNotNull(output_tokens), start_time) AS call
    FROM span_records FINAL
    WHERE response_id != '' AND usage = 'leaf' AND cost_source != 'none' AND NOT is_fee
        AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL AND {among}
        AND cityHash64(response_id, assumeNotNull(input_tokens), assumeNotNull(output_tokens), start_time) GLOBAL IN
        (
            SELECT cityHash64(response_id, assumeNotNull(input_tokens), assumeNotNull(output_tokens), start_time) AS repeated
            FROM span_records
            WHERE response_id != '' AND usage = 'leaf' AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL AND {among}
            GROUP BY repeated
            HAVING count() > 1
        )
        AND trace_id GLOBAL NOT IN (SELECT trace_id FROM pending)
) AS recorded
GLOBAL INNER JOIN (SELECT trace_id, span_id FROM decisions WHERE billable AND unbilled_reason = '' AND {among}) AS decided
    USING (trace_id, span_id)
GROUP BY call
HAVING count() > 1
