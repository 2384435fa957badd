-- Work table: duplicates
-- Purpose: The leaves that are not billed because another span records the same call (R1, R4).
-- Grain: a trace that has any (trace_id)
-- Columns:
--     trace_id String: the trace
--     span_ids Array(String): ids of the duplicates
WITH billed_of_group AS
(
    SELECT call_group, argMin((trace_id, span_id), (start_ns, trace_id, span_id)) AS billed
    FROM {shared_responses:Identifier}
    WHERE may_be_billed AND (trace_id, span_id) NOT IN (SELECT trace_id, arrayJoin(outer) FROM {nested_calls:Identifier})
    GROUP BY call_group
)
SELECT
    trace_id,
    groupUniqArray(span_id) AS span_ids
FROM
(
    SELECT trace_id, arrayJoin(not_billed) AS span_id
    FROM {nested_calls:Identifier}
    UNION ALL
    SELECT trace_id, span_id
    FROM {shared_responses:Identifier}
    WHERE (call_group, (trace_id, span_id)) NOT IN (SELECT call_group, billed FROM billed_of_group)
)
GROUP BY trace_id
