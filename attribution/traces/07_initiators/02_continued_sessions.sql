-- Work table: continued_sessions
-- Purpose: The span that a local root continues because it is of the same session: the first span that its sender and service sent of it,
--          not more than a day before (R8).
-- Grain: a local root with a session (trace_id, node)
-- Needs: sessions
-- Columns:
--     trace_id String: the trace
--     node UInt32: node of its local root
--     sender String: sender of the local root
--     target_trace_id String: trace of the session's first span
--     target_span_id String: the session's first span
SELECT
    trace_id,
    root_of_session.1,
    root_of_session.3,
    first_span.trace_id,
    first_span.span_id
FROM
(
    SELECT
        trace_id,
        arrayJoin(arrayMap(
            i -> (
                node[i],
                if(said[node[i]].session != '', said[node[i]].session, of_sender[node[i]].session),
                node_sender[node[i]],
                joinGet({profile_lookup:String}, 'service', span.profile[i]),
                span.start_ns[i]),
            arrayFilter((i, p) -> p = 0, arrayEnumerate(span), parent))) AS root_of_session
    FROM {initiators:Identifier}
) AS roots
INNER JOIN {session_starts:Identifier} AS starts
    ON starts.session = root_of_session.2 AND starts.sender = root_of_session.3 AND starts.service = root_of_session.4
WHERE root_of_session.5 - toUnixTimestamp64Nano(first_span.start_time) BETWEEN 0 AND 86400000000000
