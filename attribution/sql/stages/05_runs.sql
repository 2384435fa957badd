-- Purpose: calls that were told more than once, also across traces: same response id, same known token counts, times that
--          overlap without a gap (R1). The id alone proves nothing.
-- Grain:   call that shares its run with at least one other.
-- Columns: run numbers the run; candidate: may be the billed one, as it has a cost or none of its run has.
CREATE TABLE {runs:Identifier} ENGINE = Memory AS
WITH
    calls AS
    (
        SELECT
            trace_id,
            span_id,
            start_time,
            start_time + toIntervalNanosecond(duration_ns) AS end_time,
            cost IS NOT NULL AS priced,
            (response_id, input_tokens, output_tokens) AS call
        FROM span_records FINAL
        WHERE trace_id GLOBAL IN (SELECT trace_id FROM {batch:Identifier})
            AND usage = 'leaf' AND cost_source != 'none' AND NOT is_fee
            AND response_id != '' AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL
    ),
    shared AS
    (
        SELECT *
        FROM calls
        WHERE call GLOBAL IN (SELECT call FROM calls GROUP BY call HAVING count() > 1)
    ),
    gaps AS
    (
        SELECT
            *,
            start_time > max(end_time) OVER
            (
                PARTITION BY call ORDER BY start_time, trace_id, span_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AND row_number() OVER (PARTITION BY call ORDER BY start_time, trace_id, span_id) > 1 AS after_gap
        FROM shared
    ),
    numbered AS
    (
        SELECT
            *,
            cityHash64(call, sum(after_gap) OVER (PARTITION BY call ORDER BY start_time, trace_id, span_id)) AS run
        FROM gaps
    )
SELECT
    trace_id,
    span_id,
    start_time,
    run,
    priced OR NOT max(priced) OVER (PARTITION BY run) AS candidate
FROM numbered
WHERE run GLOBAL IN (SELECT run FROM numbered GROUP BY run HAVING count() > 1)
