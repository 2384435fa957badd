-- Work table: continued_sessions
-- Purpose: What the nodes of a trace continue because they are of the same session: the first span that was sent of it by the sender and
--          service whose span begins the session in the trace, not more than a day before (R8).
-- Grain: a trace that continues a session (trace_id)
-- Needs: sessions
-- Columns:
--     trace_id String: the trace
--     session_node Array(UInt32): of each node the one at or above it from which on the session is its own, 0: it is of no session
--     continued Array(Tuple(node UInt32, root_node UInt32, sender String, trace_id String, span_id String)): nodes at which a session begins,
--         node of the local root, sender of the node, and the session's first span
WITH
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest
SELECT
    trace_id,
    any(session_nodes),
    groupArray((begun.1, begun.2, begun.3, first_span.trace_id, first_span.span_id))
FROM
(
    SELECT
        trace_id, session_nodes,
        arrayJoin(arrayMap(
            n -> (
                toUInt32(n), node[root[nodes[n]]], node_sender[n], sessions[n],
                joinGet({profile_lookup:String}, 'service', span.profile[nodes[n]]), span.start_ns[nodes[n]]),
            arrayFilter(n -> session_nodes[n] = n, arrayEnumerate(nodes)))) AS begun
    FROM
    (
        SELECT
            *,
            arrayMap(
                (n, session) -> if(session = '', 0, toUInt32(n)),
                nearest(
                    node_jumps,
                    arrayMap(
                        (n, session) -> if(session != sessions[if(empty(node_jumps), 0, node_jumps[1][n])], n, 0),
                        arrayEnumerate(sessions), sessions)),
                sessions) AS session_nodes
        FROM
        (
            SELECT
                trace_id, span, node, root, nodes, node_sender, node_jumps,
                arrayMap((own, sent) -> if(own.7 != '', own.7, sent.7), said, of_sender) AS sessions
            FROM {initiators:Identifier}
        )
        WHERE arrayExists(session -> session != '', sessions)
    )
) AS nodes_with_sessions
INNER JOIN {session_starts:Identifier} AS starts ON starts.session = begun.4 AND starts.sender = begun.3 AND starts.service = begun.5
WHERE begun.6 - toUnixTimestamp64Nano(first_span.start_time) BETWEEN 0 AND 86400000000000
GROUP BY trace_id
