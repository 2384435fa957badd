-- Work table: linked_initiators
-- Purpose: What the links of spans lead to: who started the work in the traces that they continue (R8). Where the configuration says
--          `sessions.inherit`, a node continues the first span of its session in the same way.
-- Grain: a trace with links or sessions (trace_id); columns are arrays over its links
-- Needs: links, continued_sessions
-- Columns:
--     trace_id String: the trace
--     found Array(Tuple(node UInt32, is_session Bool, nth UInt32, team String, department String, cost_center String, project String,
--         environment String, user String, session String, task String, workflow String, sender String)): what each link of the span of a
--         node leads to, in the order of the links; '' is nothing; sender: whose spans say team, department and cost center
-- Holds: In the trace that a link leads to the order is that of R8: what is said of the work, its links, its sender, its earliest statement
--        wherever it stands, its session, the owner of its agent. A local root that is already on the way is not entered
--        again, so loops end.
WITH RECURSIVE
    ('', '', '', '', '', '', '', '', '', '') AS nothing,
    links_of_nodes AS
    (
        SELECT
            trace_id,
            linking.1 AS node,
            false AS is_session,
            linking.4 AS sender,
            linking.5 AS root_node,
            toUInt32(nth_link_of_span) AS nth,
            target_trace_id,
            target_span_id
        FROM
        (
            SELECT
                trace_id,
                arrayJoin(arrayMap(
                    n -> (n, links[nth_link[n]].trace_ids, links[nth_link[n]].span_ids, node_sender[n], node[root[nodes[n]]]),
                    arrayFilter((n, k) -> k > 0, arrayMap(n -> toUInt32(n), arrayEnumerate(nth_link)), nth_link))) AS linking
            FROM {initiators:Identifier}
            WHERE notEmpty(links)
        )
        ARRAY JOIN linking.2 AS target_trace_id, linking.3 AS target_span_id, arrayEnumerate(linking.2) AS nth_link_of_span
        UNION ALL
        SELECT trace_id, one.node, true, one.sender, one.root_node, toUInt32(1), one.trace_id, one.span_id
        FROM {continued_sessions:Identifier}
        ARRAY JOIN continued AS one
    ),
    targets AS
    (
        SELECT
            trace_id,
            place.1 AS at,
            place.2 AS span_id,
            place.3 AS span_sender,
            place.4 AS node,
            place.5 AS link_node,
            place.6 AS root_node,
            place.7 AS said,
            place.8 AS of_sender,
            anywhere[1] AS anywhere,
            place.9 AS of_owner,
            place.10 AS session_node
        FROM
        (
            SELECT
                initiators.trace_id AS trace_id,
                anywhere,
                arrayJoin(arrayMap(
                    i -> (
                        i, span.span_id[i], span.sender[i], node[i], link_node[node[i]], node[root[i]], said[node[i]], of_sender[node[i]],
                        (joinGet({agent_lookup:String}, 'owner', agents[owner[i]]), '', '', '', '', '', '', '', '', span.sender[i]),
                        sessions.session_node[node[i]]),
                    arrayFilter((i, id) -> has(linked.span_ids, id), arrayEnumerate(span), span.span_id))) AS place
            FROM {initiators:Identifier} AS initiators
            INNER JOIN
            (
                SELECT target_trace_id AS trace_id, groupUniqArray(target_span_id) AS span_ids
                FROM links_of_nodes
                GROUP BY target_trace_id
            ) AS linked ON linked.trace_id = initiators.trace_id
            LEFT ANY JOIN {continued_sessions:Identifier} AS sessions ON sessions.trace_id = initiators.trace_id
        )
    ),
    hops AS
    (
        SELECT
            (links_of_nodes.trace_id, links_of_nodes.node, links_of_nodes.is_session) AS origin,
            toUInt32(links_of_nodes.nth) AS nth,
            (links_of_nodes.trace_id, links_of_nodes.root_node) AS began,
            (targets.trace_id, targets.root_node) AS reached,
            (targets.trace_id, targets.link_node, false) AS on_by_link,
            (targets.trace_id, targets.session_node, true) AS on_by_session,
            said, of_sender, anywhere, of_owner
        FROM links_of_nodes
        INNER JOIN targets ON targets.trace_id = target_trace_id AND targets.span_id = target_span_id
        -- The same sender's span, else the first one.
        ORDER BY targets.span_sender != links_of_nodes.sender, at
        LIMIT 1 BY links_of_nodes.trace_id, links_of_nodes.node, links_of_nodes.is_session, links_of_nodes.nth
        UNION ALL
        -- Where no link of a span leads anywhere, those of the nearest span above that has links are followed.
        SELECT
            (trace_id, above.1, false), toUInt32(4294967295), ('', toUInt32(0)), ('', toUInt32(0)), (trace_id, above.2, false), ('', toUInt32(0), true),
            nothing, nothing, nothing, nothing
        FROM
        (
            SELECT
                trace_id,
                arrayJoin(arrayFilter(
                    pair -> pair.2 > 0,
                    arrayMap(
                        (n, k, up) -> (toUInt32(n), if(k > 0 AND up > 0, link_node[up], toUInt32(0))),
                        arrayEnumerate(nth_link), nth_link, if(empty(node_jumps), arrayMap(_ -> toUInt32(0), nth_link), node_jumps[1])))) AS above
            FROM {initiators:Identifier}
            WHERE length(links) > 1
        )
    ),
    ways AS
    (
        SELECT
            origin,
            nth AS nth_of_origin,
            [began, reached] AS visited,
            CAST([], 'Array(UInt32)') AS place,
            on_by_link, on_by_session, said, of_sender, anywhere, of_owner
        FROM hops
        WHERE began != reached AND nth != 4294967295
        UNION ALL
        SELECT
            ways.origin,
            ways.nth_of_origin,
            if(hops.nth = 4294967295, visited, arrayPushBack(visited, hops.reached)),
            arrayConcat(place, [ways.step.2, hops.nth]),
            hops.on_by_link, hops.on_by_session, hops.said, hops.of_sender, hops.anywhere, hops.of_owner
        FROM (SELECT *, arrayJoin([(on_by_link, toUInt32(1)), (on_by_session, toUInt32(4))]) AS step FROM ways) AS ways
        INNER JOIN hops ON hops.origin = ways.step.1
        WHERE NOT has(visited, hops.reached)
    ),
    statements AS
    (
        SELECT
            origin, nth_of_origin,
            arrayJoin([
                (arrayPushBack(place, toUInt32(0)), said),
                (arrayPushBack(place, toUInt32(2)), of_sender),
                (arrayPushBack(place, toUInt32(3)), anywhere),
                (arrayPushBack(place, toUInt32(5)), of_owner)]) AS one,
            one.1 AS order_of_place,
            one.2 AS told
        FROM ways
    )
SELECT
    start.1 AS trace_id,
    arraySort(groupArray((
        start.2, start.3, nth_of_origin, payer.1, payer.2, payer.3, project, environment, user, session, task, workflow, payer.4))) AS found
FROM
(
    SELECT
        origin AS start,
        nth_of_origin,
        argMinIf((told.1, told.2, told.3, told.10), order_of_place, (told.1, told.2, told.3) != ('', '', '')) AS payer,
        argMinIf(told.4, order_of_place, told.4 != '') AS project,
        argMinIf(told.5, order_of_place, told.5 != '') AS environment,
        argMinIf(told.6, order_of_place, told.6 != '') AS user,
        argMinIf(told.7, order_of_place, told.7 != '') AS session,
        argMinIf(told.8, order_of_place, told.8 != '') AS task,
        argMinIf(told.9, order_of_place, told.9 != '') AS workflow
    FROM statements
    GROUP BY origin, nth_of_origin
)
GROUP BY start.1
