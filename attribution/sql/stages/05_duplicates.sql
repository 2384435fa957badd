-- Purpose: the leaves that are not billed because another span is the same call (R1, R4).
-- Grain:   trace that has any.
CREATE TABLE {duplicates:Identifier} ENGINE = Memory AS
WITH billed_of_run AS
(
    SELECT run, argMin((trace_id, span_id), (start_ns, trace_id, span_id)) AS billed
    FROM {runs:Identifier}
    WHERE candidate AND (trace_id, span_id) NOT IN (SELECT trace_id, arrayJoin(outer) FROM {nested:Identifier})
    GROUP BY run
)
SELECT
    trace_id,
    groupUniqArray(span_id) AS span_ids
FROM
(
    SELECT trace_id, arrayJoin(hidden) AS span_id
    FROM {nested:Identifier}
    UNION ALL
    SELECT trace_id, span_id
    FROM {runs:Identifier}
    WHERE (run, (trace_id, span_id)) NOT IN (SELECT run, billed FROM billed_of_run)
)
GROUP BY trace_id
