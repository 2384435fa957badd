-- Work table: linked_spans
-- Purpose: Where the links of the spans with links lead at once, before they are followed (R8). Where the configuration says
--          `sessions.inherit`, a node leads to the first span of its session in the same way.
-- Grain: a link of a node, and a node with links that has others above it (start, nth)
-- Needs: links, continued_sessions
-- Columns:
--     start Tuple(trace_id String, node UInt32, is_session Bool): the node whose span has the link, or that continues a session
--     nth UInt32: which of its links, 4294967295: those of the nearest span above that has links, which are followed after its own
--     own_root Tuple(trace_id String, node UInt32): the node of its local root
--     own_path Tuple(first Int64, last Int64, entry_first Int64, entry_last Int64, entry UInt32): where its span lies in the tree, as in
--         `record_paths`, and the span at which its agent was entered
--     reached Tuple(trace_id String, at UInt32): the span that it leads to
--     reached_root Tuple(trace_id String, node UInt32): the node of that one's local root
--     reached_path Tuple(first Int64, last Int64, entry_first Int64, entry_last Int64, entry UInt32): where that one lies
--     reached_links Tuple(trace_id String, node UInt32, is_session Bool): the node whose links go on from there
--     reached_session Tuple(trace_id String, node UInt32, is_session Bool): the node whose session goes on from there
--     said Tuple(team String, department String, cost_center String, project String, environment String, user String, session String,
--         task String, workflow String, sender String): what is said of the work there; '' is nothing
--     of_sender Tuple(team String, department String, cost_center String, project String, environment String, user String, session String,
--         task String, workflow String, sender String): what is said of the sender there
--     anywhere Array(Tuple(team String, department String, cost_center String, project String, environment String, user String, session String,
--         task String, workflow String, sender String)): as in `initiators`
--     of_owner Tuple(team String, department String, cost_center String, project String, environment String, user String, session String,
--         task String, workflow String, sender String): the owner of the agent there
-- Holds: Of several spans with the id that a link names it leads to that of the same sender, else to the first.
WITH
    ('', '', '', '', '', '', '', '', '', '') AS nothing,
    (toInt64(0), toInt64(0), toInt64(0), toInt64(0), toUInt32(0)) AS nowhere,
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest,
    placed AS
    (
        SELECT
            * EXCEPT (entered, first, last),
            arrayMap(
                (upto_first, upto_last, entry) -> (upto_first, upto_last, first[entry], last[entry], entry),
                arrayResize(first, length(span)), arrayResize(last, length(span)), entered) AS place_of_span
        FROM
        (
            SELECT
                initiators.*,
                paths.first AS first,
                paths.last AS last,
                arrayMap(
                    (entry, top) -> if(entry > 0, entry, top),
                    nearest(jumps, arrayMap((is_one, i) -> if(is_one, toUInt32(i), toUInt32(0)), agent_entry, arrayEnumerate(span))),
                    root) AS entered
            FROM {initiators:Identifier} AS initiators
            LEFT ANY JOIN {record_paths:Identifier} AS paths ON paths.trace_id = initiators.trace_id
        )
    ),
    links_of_nodes AS
    (
        SELECT
            trace_id,
            linking.1 AS node,
            false AS is_session,
            linking.4 AS sender,
            linking.5 AS root_node,
            linking.6 AS place,
            toUInt32(nth_link_of_span) AS nth,
            target_trace_id,
            target_span_id
        FROM
        (
            SELECT
                trace_id,
                arrayJoin(arrayMap(
                    n -> (
                        n, links[nth_link[n]].trace_ids, links[nth_link[n]].span_ids, node_sender[n], node[root[nodes[n]]],
                        place_of_span[nodes[n]]),
                    arrayFilter((n, k) -> k > 0, arrayMap(n -> toUInt32(n), arrayEnumerate(nth_link)), nth_link))) AS linking
            FROM placed
            WHERE notEmpty(links)
        )
        ARRAY JOIN linking.2 AS target_trace_id, linking.3 AS target_span_id, arrayEnumerate(linking.2) AS nth_link_of_span
        UNION ALL
        -- A session is the local root's: nothing below it is beside it.
        SELECT
            trace_id, one.node, true, one.sender, one.root_node,
            (toInt64(-1), toInt64(9223372036854775807), toInt64(0), toInt64(0), toUInt32(0)), toUInt32(1), one.trace_id, one.span_id
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
            anywhere,
            place.9 AS of_owner,
            place.10 AS session_node,
            place.11 AS tree_place
        FROM
        (
            SELECT
                placed.trace_id AS trace_id,
                anywhere,
                arrayJoin(arrayMap(
                    i -> (
                        i, span.span_id[i], span.sender[i], node[i], link_node[node[i]], node[root[i]], said[node[i]], of_sender[node[i]],
                        (joinGet({agent_lookup:String}, 'owner', agents[owner[i]]), '', '', '', '', '', '', '', '', span.sender[i]),
                        sessions.session_node[node[i]], place_of_span[i]),
                    arrayFilter((i, id) -> has(linked.span_ids, id), arrayEnumerate(span), span.span_id))) AS place
            FROM placed
            INNER JOIN
            (
                SELECT target_trace_id AS trace_id, groupUniqArray(target_span_id) AS span_ids
                FROM links_of_nodes
                GROUP BY target_trace_id
            ) AS linked ON linked.trace_id = placed.trace_id
            LEFT ANY JOIN {continued_sessions:Identifier} AS sessions ON sessions.trace_id = placed.trace_id
        )
    )
SELECT
    (links_of_nodes.trace_id, links_of_nodes.node, links_of_nodes.is_session) AS start,
    toUInt32(links_of_nodes.nth) AS nth,
    (links_of_nodes.trace_id, links_of_nodes.root_node) AS own_root,
    links_of_nodes.place AS own_path,
    (targets.trace_id, toUInt32(at)) AS reached,
    (targets.trace_id, targets.root_node) AS reached_root,
    targets.tree_place AS reached_path,
    (targets.trace_id, targets.link_node, false) AS reached_links,
    (targets.trace_id, targets.session_node, true) AS reached_session,
    said, of_sender, anywhere, of_owner
FROM links_of_nodes
INNER JOIN targets ON targets.trace_id = target_trace_id AND targets.span_id = target_span_id
-- The same sender's span, else the first one.
ORDER BY targets.span_sender != links_of_nodes.sender, at
LIMIT 1 BY links_of_nodes.trace_id, links_of_nodes.node, links_of_nodes.is_session, links_of_nodes.nth
UNION ALL
-- Where no link of a span leads anywhere, those of the nearest span above that has links are followed.
SELECT
    (trace_id, above.1, false), toUInt32(4294967295), ('', toUInt32(0)), nowhere, ('', toUInt32(0)), ('', toUInt32(0)), nowhere,
    (trace_id, above.2, false), ('', toUInt32(0), true), nothing, nothing, [nothing], nothing
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
