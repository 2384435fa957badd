-- Purpose: traces with a call that is billed through more than one span.
-- Grain:   trace.
-- Holds:   {among} says which traces are looked at. Only where one call is stored with several spans is it asked whether these are billed.
SELECT min(trace_id) AS trace_id
FROM
(
    SELECT trace_id, call, flags[indexOf(span_id, recorded_span_id)] AS flag
    FROM (SELECT trace_id, span_id, flags FROM attributions FINAL WHERE trace_id != '' AND {among}) AS decided
    INNER JOIN
    (
        SELECT
            trace_id,
            span_id AS recorded_span_id,
            cityHash64(response_id, assumeNotNull(input_tokens), assumeNotNull(output_tokens), start_time) AS call
        FROM span_records FINAL
        WHERE response_id != '' AND usage = 'leaf' AND cost_source != 'none' AND NOT is_fee
            AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL
            AND trace_id GLOBAL IN
            (
                SELECT arrayJoin(groupUniqArray(trace_id))
                FROM
                (
                    SELECT
                        trace_id,
                        cityHash64(trace_id, span_id) AS span,
                        cityHash64(response_id, assumeNotNull(input_tokens), assumeNotNull(output_tokens), start_time) AS call
                    FROM span_records
                    WHERE response_id != '' AND usage = 'leaf' AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL AND {among}
                )
                GROUP BY call
                -- One span that was sent again is not two.
                HAVING min(span) != max(span)
            )
            AND trace_id GLOBAL NOT IN (SELECT trace_id FROM pending)
    ) AS recorded USING (trace_id)
)
WHERE bitTest(flag, 0) AND NOT bitTest(flag, 1) AND NOT bitTest(flag, 2)
GROUP BY call
HAVING count() > 1
