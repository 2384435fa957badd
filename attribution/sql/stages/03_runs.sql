-- Purpose: calls that were told more than once, also across traces: same response id, same known token counts, times that
--          overlap without a gap (R1). The id alone proves nothing.
-- Grain:   call that shares its run with at least one other.
-- Columns: run numbers the run; candidate: may be the billed one, as none of its run tells more: no cost, a cost, one with a part for
--          more than tokens.
CREATE TABLE {runs:Identifier} ENGINE = Memory AS
WITH
    shared AS
    (
        SELECT
            trace_id,
            span.2 AS span_id,
            span.1 AS start_ns,
            span.4 AS end_ns,
            bitTest(flag, 4) + bitTest(flag, 8) AS rank,
            told_call AS call
        FROM {trees:Identifier}
        ARRAY JOIN s AS span, flags AS flag, call AS told_call
        WHERE told_call IN
            (
                SELECT told
                FROM (SELECT arrayJoin(arrayFilter(c -> c != 0, call)) AS told FROM {trees:Identifier})
                GROUP BY told
                HAVING count() > 1
            )
    ),
    gaps AS
    (
        SELECT
            *,
            start_ns > max(end_ns) OVER
            (
                PARTITION BY call ORDER BY start_ns, trace_id, span_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AND row_number() OVER (PARTITION BY call ORDER BY start_ns, trace_id, span_id) > 1 AS after_gap
        FROM shared
    ),
    numbered AS
    (
        SELECT
            *,
            cityHash64(call, sum(after_gap) OVER (PARTITION BY call ORDER BY start_ns, trace_id, span_id)) AS run
        FROM gaps
    )
SELECT
    trace_id,
    span_id,
    start_ns,
    run,
    rank = max(rank) OVER (PARTITION BY run) AS candidate
FROM numbered
WHERE run IN (SELECT run FROM numbered GROUP BY run HAVING count() > 1)
