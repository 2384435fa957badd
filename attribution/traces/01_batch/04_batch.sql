-- Work table: batch
-- Purpose: The traces of this pass: first the pending ones, then those that are added because they belong to one decision.
-- Grain: a trace (trace_id)
-- Columns:
--     trace_id String: the trace
--     marks Array(UInt64): the changes that are settled at the end of the pass
--     to_attribute Bool: true: the pass decides about the trace; false: it is read as context only
--     round UInt32: the round of reading that added the trace
-- Holds: No further trace is taken once there are `spans_max` spans, because a pass is held in memory. The spans of a trace are counted as
--        those that it had when it was attributed and those that were inserted since.
SELECT
    trace_id,
    marks,
    true AS to_attribute,
    toUInt32(0) AS round
FROM
(
    SELECT
        trace_id,
        marks,
        sum(pending_traces.spans + attributed.spans) OVER (ORDER BY trace_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS spans_before
    FROM {pending_traces:Identifier} AS pending_traces
    LEFT JOIN
    (
        SELECT trace_id, max(spans) AS spans
        FROM attributions
        WHERE trace_id IN (SELECT trace_id FROM {pending_traces:Identifier})
        GROUP BY trace_id
    ) AS attributed USING (trace_id)
)
WHERE spans_before < {spans_max:UInt64}
