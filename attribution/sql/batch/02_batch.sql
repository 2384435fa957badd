-- Purpose: the traces of this pass: those that are pending within its reach.
-- Grain:   trace.
-- Columns: marks settles exactly what was read; dirty: to be attributed, otherwise read as context only; round: when it was added.
-- Holds:   no further trace once there are spans_max spans, for a pass is held in memory.
CREATE TABLE {batch:Identifier} ENGINE = Memory AS
WITH
    in_reach AS
    (
        SELECT trace_id, groupArray(mark) AS marks
        FROM (SELECT trace_id, mark FROM pending WHERE trace_id > {after:String} AND trace_id <= {reach:String})
        GROUP BY trace_id
    ),
    sizes AS
    (
        SELECT trace_id, count() AS spans
        FROM span_records
        WHERE trace_id GLOBAL IN (SELECT trace_id FROM in_reach)
        GROUP BY trace_id
    )
SELECT
    trace_id,
    marks,
    true AS dirty,
    toUInt32(0) AS round
FROM
(
    SELECT
        trace_id,
        marks,
        sum(spans) OVER (ORDER BY trace_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS spans_before
    FROM in_reach
    LEFT JOIN sizes USING (trace_id)
)
WHERE spans_before < {spans_max:UInt64}
