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
    -- What the links of the span of a node m lead to, or its session, as a node n sees it.
    (n, m, by_session) -> arrayMap(
        f -> if(
            may_charge(node_sender[n], f.13, team_of(f.4, f.6)),
            (f.4, f.5, f.6, f.7, f.8, f.9, f.10, f.11, f.12, f.13),
            ('', '', '', f.7, f.8, f.9, f.10, f.11, f.12, '')),
        arrayFilter(f -> f.1 = m AND f.2 = by_session, found)) AS seen_of,
    -- The same of the node that is nearest to a node n as its sender sees it.
    (nearest_of_viewers, n) -> seen_of(n, nearest_of_viewers[indexOf(viewers, node_sender[n])][n], false) AS seen_nearest
SELECT
    trace_id,
    arrayMap(
        (payers, others) -> multiIf(notEmpty(payers), payers, notEmpty(others), others, [nothing]),
        payers_linked, others_linked) AS linked,
    continued
FROM
(
    SELECT
        trace_id,
        arrayMap(n -> arrayFilter(x -> names_payer(x), seen_nearest(payer_nodes, n)), arrayEnumerate(node_sender)) AS payers_linked,
        arrayMap(n -> arrayFilter(x -> is_there(x), seen_nearest(any_nodes, n)), arrayEnumerate(node_sender)) AS others_linked,
        arrayMap(
            n -> arrayConcat(seen_of(n, session_node[n], true), [nothing])[1],
            arrayEnumerate(node_sender)) AS continued
    FROM
    (
        SELECT
            *,
            -- Of each sender that looks: the nearest node whose links name somebody whom it may charge, or anything.
            arrayMap(
                viewer -> nearest(
                    node_jumps,
                    arrayMap(
                        n -> if(arrayExists(f -> f.1 = n AND NOT f.2 AND is_payer_of(viewer, f), found), n, 0),
                        arrayEnumerate(node_sender))),
                viewers) AS payer_nodes,
            arrayMap(
                viewer -> nearest(
                    node_jumps,
                    arrayMap(
                        n -> if(
                            arrayExists(
                                f -> f.1 = n AND NOT f.2 AND (concat(f.7, f.8, f.9, f.10, f.11, f.12) != '' OR is_payer_of(viewer, f)),
                                found),
                            n, 0),
                        arrayEnumerate(node_sender))),
                viewers) AS any_nodes
        FROM
        (
            SELECT
                initiators.trace_id AS trace_id,
                initiators.node_sender AS node_sender,
                initiators.node_jumps AS node_jumps,
                links_of_nodes.found AS found,
                sessions.session_node AS session_node,
                arrayDistinct(node_sender) AS viewers
            FROM {initiators:Identifier} AS initiators
            INNER JOIN {linked_initiators:Identifier} AS links_of_nodes ON links_of_nodes.trace_id = initiators.trace_id
            LEFT ANY JOIN {continued_sessions:Identifier} AS sessions ON sessions.trace_id = initiators.trace_id
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
