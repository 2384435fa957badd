-- Work table: continued_sessions
-- Purpose: Which span a local root continues because it is of the same session: the session's first span (R8).
-- Grain: a local root with a session (trace_id, root_span_id)
-- Columns:
--     trace_id String: the trace
--     root_span_id String: its local root
--     target_trace_id String: trace of the session's first span
--     target_span_id String: the session's first span
SELECT
    trace_id,
    root.1,
    first_span.trace_id,
    first_span.span_id
FROM
(
    SELECT
        trace_id,
        arrayJoin(arrayMap(
            i -> (span.span_id[i], session[node[i]]),
            arrayFilter((i, p) -> p = 0 AND session[node[i]] != '', arrayEnumerate(span), parent))) AS root,
        root.2 AS its_session
    FROM {initiators:Identifier}
) AS roots
INNER JOIN {session_starts:Identifier} AS starts ON starts.session = its_session
