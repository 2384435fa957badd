-- Purpose: the traces of this pass: those that are pending within its reach.
-- Grain:   trace.
-- Columns: marks settles exactly what was read; dirty: to be attributed, otherwise read as context only; round: when it was added.
-- Holds:   no further trace once there are spans_max spans, for a pass is held in memory: those that were attributed before, and those
--          that were inserted since.
CREATE TABLE {batch:Identifier} ENGINE = Memory AS
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
        sum(asked.spans + known.spans) OVER (ORDER BY trace_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS spans_before
    FROM {pending:Identifier} AS asked
    LEFT JOIN
    (
        SELECT trace_id, max(spans) AS spans
        FROM attributions
        WHERE trace_id IN (SELECT trace_id FROM {pending:Identifier})
        GROUP BY trace_id
    ) AS known USING (trace_id)
)
WHERE spans_before < {spans_max:UInt64}
