-- Work table: linked_initiators
-- Purpose: What local roots inherit over their span links: who started the work in the trace that they continue (R8). Where the
--          configuration says `sessions.inherit`, the first span of the session is one more target, after all links.
-- Grain: a trace with local roots that have links (trace_id); columns are arrays over these local roots
-- Columns:
--     trace_id String: the trace
--     roots Array(String): span ids of the local roots, in their order
--     payers Array(Tuple(String, String, String)): (team, department, cost_center); empty where no link brings one
--     project Array(String): project; empty where no link brings one
--     environment Array(String): environment; empty where no link brings one
--     user Array(String): user; empty where no link brings one
--     session Array(String): session; empty where no link brings one
--     task Array(String): task; empty where no link brings one
--     workflow Array(String): workflow; empty where no link brings one
-- Holds: Links are followed in order, depth first: first what the target itself says, then the links of its local root, then, for the team,
--        the owner of its agent. A local root that is already on the way is not entered again, so loops end.
WITH RECURSIVE
    links_of_roots AS
    (
        SELECT
            trace_id,
            linking.1 AS root_span_id,
            arrayJoin(arrayZip(arrayEnumerate(linking.2), linking.2, linking.3)) AS link,
            link.1 AS nth,
            link.2 AS target_trace_id,
            link.3 AS target_span_id
        FROM
        (
            SELECT
                trace_id,
                arraySlice(arrayEnumerateDense(arrayConcat(span.span_id, links.span_id)), length(span) + 1) AS linking_at,
                arrayFilter((_, i) -> parent[i] = 0, links, linking_at) AS links_of_local_roots
            FROM {initiators:Identifier}
            WHERE notEmpty(links)
        )
        ARRAY JOIN links_of_local_roots AS linking
        UNION ALL
        SELECT trace_id, root_span_id, (0, target_trace_id, target_span_id), 4294967294, target_trace_id, target_span_id
        FROM {continued_sessions:Identifier}
    ),
    targets AS
    (
        SELECT
            trace_id,
            target.1 AS span_id,
            target.2 AS root_span_id,
            target.3 AS payer,
            target.4 AS owner_team,
            target.5 AS project,
            target.6 AS environment,
            target.7 AS user,
            target.8 AS session,
            target.9 AS task,
            target.10 AS workflow
        FROM
        (
            SELECT
                initiators.trace_id AS trace_id,
                -- The places of the linked spans in the trace: they are numbered after the spans of the trace.
                arrayFilter(
                    i -> i <= length(span),
                    arraySlice(arrayEnumerateDense(arrayConcat(span.span_id, linked.span_ids)), length(span) + 1)) AS places,
                arrayMap(
                    i -> (
                        span.span_id[i],
                        span.span_id[root[i]],
                        (team[node[i]], department[node[i]], cost_center[node[i]]),
                        joinGet({agent_lookup:String}, 'owner', agents[owner[i]]),
                        project[node[i]],
                        environment[node[i]],
                        user[node[i]],
                        session[node[i]],
                        task[node[i]],
                        workflow[node[i]]),
                    places) AS targets_here
            FROM {initiators:Identifier} AS initiators
            INNER JOIN
            (
                SELECT target_trace_id AS trace_id, groupUniqArray(target_span_id) AS span_ids
                FROM links_of_roots
                GROUP BY target_trace_id
            ) AS linked ON linked.trace_id = initiators.trace_id
        )
        ARRAY JOIN targets_here AS target
    ),
    hops AS
    (
        SELECT
            links_of_roots.trace_id AS from_trace_id,
            links_of_roots.root_span_id AS from_root_span_id,
            toUInt32(nth) AS nth,
            targets.trace_id AS to_trace_id,
            targets.root_span_id AS to_root_span_id,
            payer, owner_team, project, environment, user, session, task, workflow
        FROM links_of_roots
        INNER JOIN targets ON targets.trace_id = target_trace_id AND targets.span_id = target_span_id
    ),
    ways AS
    (
        SELECT
            from_trace_id AS trace_id,
            from_root_span_id AS root_span_id,
            [(from_trace_id, from_root_span_id), (to_trace_id, to_root_span_id)] AS visited,
            [nth] AS place,
            payer, owner_team, project, environment, user, session, task, workflow
        FROM hops
        WHERE (to_trace_id, to_root_span_id) != (from_trace_id, from_root_span_id)
        UNION ALL
        SELECT
            ways.trace_id,
            ways.root_span_id,
            arrayPushBack(visited, (to_trace_id, to_root_span_id)),
            arrayPushBack(place, hops.nth),
            hops.payer, hops.owner_team, hops.project, hops.environment, hops.user, hops.session, hops.task, hops.workflow
        FROM ways
        INNER JOIN hops ON (hops.from_trace_id, hops.from_root_span_id) = visited[-1]
        WHERE NOT has(visited, (to_trace_id, to_root_span_id))
    ),
    payers AS
    (
        SELECT trace_id, root_span_id, place, payer
        FROM ways
        UNION ALL
        SELECT trace_id, root_span_id, arrayPushBack(place, 4294967295), (owner_team, '', '')
        FROM ways
    )
SELECT
    trace_id,
    link_place.1 AS roots,
    link_place.2 AS payers,
    link_place.3 AS project,
    link_place.4 AS environment,
    link_place.5 AS user,
    link_place.6 AS session,
    link_place.7 AS task,
    link_place.8 AS workflow
FROM
(
    SELECT trace_id, arraySort(groupArray((root_span_id, payer, project, environment, user, session, task, workflow))) AS link_place
    FROM
    (
        SELECT
            payers.trace_id AS trace_id,
            payers.root_span_id AS root_span_id,
            argMinIf(payers.payer, place, payers.payer != ('', '', '')) AS payer,
            any(dimensions.project) AS project,
            any(dimensions.environment) AS environment,
            any(dimensions.user) AS user,
            any(dimensions.session) AS session,
            any(dimensions.task) AS task,
            any(dimensions.workflow) AS workflow
        FROM payers
        INNER JOIN
        (
            SELECT
                trace_id,
                root_span_id,
                argMinIf(ways.project, place, ways.project != '') AS project,
                argMinIf(ways.environment, place, ways.environment != '') AS environment,
                argMinIf(ways.user, place, ways.user != '') AS user,
                argMinIf(ways.session, place, ways.session != '') AS session,
                argMinIf(ways.task, place, ways.task != '') AS task,
                argMinIf(ways.workflow, place, ways.workflow != '') AS workflow
            FROM ways
            GROUP BY trace_id, root_span_id
        ) AS dimensions USING (trace_id, root_span_id)
        GROUP BY trace_id, root_span_id
    )
    GROUP BY trace_id
)
