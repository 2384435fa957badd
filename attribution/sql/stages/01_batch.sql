-- Purpose: the traces of this pass: some of the pending ones, in the order of their ids so that every pass makes way.
-- Grain:   trace.
-- Columns: marks settles exactly what was read; dirty: to be attributed, otherwise read as context only.
-- Holds:   at most traces_max traces, and no further one once there are spans_max spans, for a pass is held in memory.
CREATE TABLE {batch:Identifier} ENGINE = Memory AS
WITH
    first_pending AS
    (
        SELECT trace_id, groupArray(mark) AS marks
        FROM pending
        GROUP BY trace_id
        ORDER BY trace_id
        LIMIT {traces_max:UInt64}
    ),
    sizes AS
    (
        SELECT trace_id, count() AS spans
        FROM span_records
        WHERE trace_id IN (SELECT trace_id FROM first_pending)
        GROUP BY trace_id
    )
SELECT
    trace_id,
    marks,
    true AS dirty
FROM
(
    SELECT
        trace_id,
        marks,
        sum(spans) OVER (ORDER BY trace_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS spans_before
    FROM first_pending
    LEFT JOIN sizes USING (trace_id)
)
WHERE spans_before < {spans_max:UInt64}
