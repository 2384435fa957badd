-- Work table: seen_links
-- Purpose: What the links above each node of a trace lead to, as its sender may see it, and what its session leads to (R8).
-- Grain: a trace with links or sessions that lead somewhere (trace_id); columns are arrays over its nodes
-- Needs: links, continued_sessions
-- Columns:
--     trace_id String: the trace
--     linked Array(Array(Tuple(team String, department String, cost_center String, project String, environment String,
--         user String, session String, task String, workflow String, sender String))):
--         what the links of the nearest span that has some lead to, link by link; '' is nothing
--     continued Array(Tuple(team String, department String, cost_center String, project String, environment String,
--         user String, session String, task String, workflow String, sender String)):
--         what the session of the node leads to, as its sender may see it
-- Holds: The nearest span counts whose links lead to a payer, else one whose links lead anywhere. Whom a sender may not charge, its spans do
--        not see (R16).
WITH
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest,
    ('', '', '', '', '', '', '', '', '', '') AS nothing,
    (told) -> (told.1, told.2, told.3) != ('', '', '') AS names_payer,
    (told) -> concat(told.1, told.2, told.3, told.4, told.5, told.6, told.7, told.8, told.9) != '' AS is_there,
    (team, cost_center) -> if(
        team = '' AND cost_center != '',
        transform(cost_center, {cost_centers:Array(String)}, {teams:Array(String)}, ''),
        transform(lowerUTF8(team), {team_spellings:Array(String)}, {spelled_teams:Array(String)}, team)) AS team_of,
    (sender, other, of_team) -> sender = other OR NOT has({limited_senders:Array(String)}, sender)
        OR match(other, transform(sender, {limited_senders:Array(String)}, {may_charge:Array(String)}, ''))
        OR match(of_team, transform(sender, {limited_senders:Array(String)}, {may_charge:Array(String)}, '')) AS may_charge,
    (viewer, f) -> (f.4, f.5, f.6) != ('', '', '') AND may_charge(viewer, f.13, team_of(f.4, f.6)) AS is_payer_of,
    (viewer, f) -> concat(f.7, f.8, f.9, f.10, f.11, f.12) != '' OR is_payer_of(viewer, f) AS is_anything_of,
    -- What links or a session lead to, as a sender sees it.
    (sender, f) -> if(
        may_charge(sender, f.13, team_of(f.4, f.6)),
        (f.4, f.5, f.6, f.7, f.8, f.9, f.10, f.11, f.12, f.13),
        ('', '', '', f.7, f.8, f.9, f.10, f.11, f.12, '')) AS seen_by,
    -- Of each node what `found` has of it, one after the other.
    (nodes_found) -> arrayMap((node, before) -> node != before, nodes_found, arrayResize(arrayPushFront(nodes_found, 0), length(nodes_found))) AS begins,
    -- Of each node the number of its group, 0: it has none. Groups are numbered before the nodes; see the stage of the trees.
    (nodes_of_groups, nodes) -> arrayMap(
        nth -> if(nth > length(nodes_of_groups), 0, nth),
        arraySlice(arrayEnumerateDense(arrayConcat(nodes_of_groups, nodes)), length(nodes_of_groups) + 1)) AS groups_of,
    -- Of each node the nearest one whose group has a property, as the sender of the node sees it.
    (flags_of_viewers) -> arrayFold(
        (own, flags, nth) -> arrayMap(
            (x, y, v) -> if(v = nth, y, x),
            own, nearest(node_jumps, arrayMap((g, n) -> if(g > 0 AND flags[g], n, 0), link_group, arrayEnumerate(link_group))), viewer),
        flags_of_viewers, arrayEnumerate(flags_of_viewers), arrayMap(_ -> toUInt64(0), viewer)) AS nearest_seen
SELECT
    trace_id,
    arrayMap(
        (payers, others) -> multiIf(notEmpty(payers), payers, notEmpty(others), others, [nothing]),
        payers_linked, others_linked) AS linked,
    arrayMap(
        (sender, g) -> if(g = 0, nothing, seen_by(sender, continued_sessions[g])),
        node_sender, arrayMap(m -> session_group[m], session_node)) AS continued
FROM
(
    SELECT
        trace_id, node_sender, session_node, session_group, continued_sessions,
        arrayMap(
            (sender, g) -> arrayFilter(x -> names_payer(x), arrayMap(f -> seen_by(sender, f), links_found[g])),
            node_sender, arrayMap(m -> link_group[m], payer_node)) AS payers_linked,
        arrayMap(
            (sender, g) -> arrayFilter(x -> is_there(x), arrayMap(f -> seen_by(sender, f), links_found[g])),
            node_sender, arrayMap(m -> link_group[m], any_node)) AS others_linked
    FROM
    (
        SELECT
            *,
            nearest_seen(arrayMap(sender -> arrayMap(ones -> arrayExists(f -> is_payer_of(sender, f), ones), links_found), viewers)) AS payer_node,
            nearest_seen(arrayMap(sender -> arrayMap(ones -> arrayExists(f -> is_anything_of(sender, f), ones), links_found), viewers)) AS any_node
        FROM
        (
            SELECT
                *,
                arraySplit((_, is_first) -> is_first, of_links, begins(of_links.1)) AS links_found,
                groups_of(arrayDistinct(of_links.1), arrayEnumerate(node_sender)) AS link_group,
                groups_of(continued_sessions.1, arrayEnumerate(node_sender)) AS session_group
            FROM
            (
                SELECT
                    initiators.trace_id AS trace_id,
                    initiators.node_sender AS node_sender,
                    initiators.node_jumps AS node_jumps,
                    arrayFilter(f -> NOT f.2, links_of_nodes.found) AS of_links,
                    arrayFilter(f -> f.2, links_of_nodes.found) AS continued_sessions,
                    arrayResize(sessions.session_node, length(node_sender)) AS session_node,
                    arrayDistinct(node_sender) AS viewers,
                    arrayEnumerateDense(node_sender) AS viewer
                FROM {initiators:Identifier} AS initiators
                INNER JOIN {linked_initiators:Identifier} AS links_of_nodes ON links_of_nodes.trace_id = initiators.trace_id
                LEFT ANY JOIN {continued_sessions:Identifier} AS sessions ON sessions.trace_id = initiators.trace_id
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
