-- Purpose: Traces with a call that is billed through more than one span.
-- Grain: a trace
-- Holds: {among} says which traces are looked at. Decisions are read only where several spans record one call.
SELECT min(trace_id) AS trace_id
FROM
(
    -- Recorded spans are numbered before billed ones, so a billed span with a higher number is not recorded.
    SELECT
        trace_id,
        arrayJoin(arrayMap(
            nth -> calls[nth],
            arrayFilter(
                nth -> nth <= length(calls),
                arraySlice(arrayEnumerateDense(arrayConcat(recorded_ids, billed_ids)), length(calls) + 1)))) AS call
    FROM
    (
        SELECT
            trace_id,
            -- Billed, and neither an aggregate nor a duplicate.
            arrayFilter((id, flag) -> bitAnd(flag, 7) = 1, span_id, flags) AS billed_ids
        FROM attributions FINAL
        PREWHERE trace_id != '' AND {among}
    ) AS decided
    INNER JOIN
    (
        SELECT
            trace_id,
            groupArray(span_id) AS recorded_ids,
            groupArray(cityHash64(response_id, assumeNotNull(input_tokens), assumeNotNull(output_tokens), start_time)) AS calls
        FROM span_records FINAL
        PREWHERE trace_id GLOBAL IN
            (
                SELECT arrayJoin(groupUniqArray(trace_id))
                FROM
                (
                    SELECT
                        trace_id,
                        cityHash64(trace_id, span_id) AS span,
                        cityHash64(response_id, assumeNotNull(input_tokens), assumeNotNull(output_tokens), start_time) AS call
                    FROM span_records
                    PREWHERE {among}
                    WHERE response_id != '' AND usage = 'leaf' AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL
                )
                GROUP BY call
                -- Several deliveries of one span are not several spans.
                HAVING min(span) != max(span)
            )
        WHERE response_id != '' AND usage = 'leaf' AND cost_source != 'none' AND NOT is_fee
            AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL
            AND trace_id GLOBAL NOT IN (SELECT trace_id FROM pending WHERE {among})
        GROUP BY trace_id
    ) AS recorded USING (trace_id)
)
GROUP BY call
HAVING count() > 1
