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
-- Holds: In the trace that a link leads to the order is that of R8: what is said of the work, its links, its sender, its earliest statement,
--        its session, the owner of its agent. Of the trace where the link began the earliest statement counts that is not below its local
--        root, and a link leads to a span below that root only where the span is beside it: not on its path, not below it, and not of what
--        its agent called. No span is asked twice on one way, and of ways to a span the first one goes on, so loops end and links in links
--        do not multiply. Four hundred steps are followed.
WITH RECURSIVE
    -- In one tree: on no path of the other one, and not called by its agent.
    (own, other) -> NOT (other.1 BETWEEN own.1 AND own.2) AND NOT (own.1 BETWEEN other.1 AND other.2)
        AND (own.5 = other.5 OR NOT (other.1 BETWEEN own.3 AND own.4)) AS is_beside,
    ways AS
    (
        SELECT
            start,
            nth AS nth_of_start,
            own_root AS began,
            own_path AS began_path,
            [cityHash64(reached)] AS visited,
            CAST([], 'Array(UInt32)') AS place,
            reached_links, reached_session, said, of_sender,
            if(reached.1 = began.1, anywhere[1 + began.2], anywhere[1]) AS elsewhere,
            of_owner
        FROM {linked_spans:Identifier}
        WHERE nth != 4294967295 AND (reached_root != own_root OR is_beside(own_path, reached_path))
        UNION ALL
        SELECT
            ways.start,
            ways.nth_of_start,
            ways.began,
            ways.began_path,
            if(linked.nth = 4294967295, visited, arrayPushBack(visited, cityHash64(linked.reached))),
            arrayConcat(place, [ways.step.2, linked.nth]) AS longer_place,
            linked.reached_links, linked.reached_session, linked.said, linked.of_sender,
            if(linked.reached.1 = ways.began.1, linked.anywhere[1 + ways.began.2], linked.anywhere[1]),
            linked.of_owner
        FROM (SELECT *, arrayJoin([(reached_links, toUInt32(1)), (reached_session, toUInt32(4))]) AS step FROM ways) AS ways
        INNER JOIN {linked_spans:Identifier} AS linked ON linked.start = ways.step.1
        WHERE length(place) < 800 -- two numbers a step
            AND NOT has(visited, cityHash64(linked.reached))
            AND (linked.reached_root != ways.began OR is_beside(ways.began_path, linked.reached_path))
        ORDER BY longer_place
        LIMIT 1 BY ways.start, ways.nth_of_start, linked.reached, linked.reached_links
    ),
    statements AS
    (
        SELECT
            start, nth_of_start,
            arrayJoin([
                (arrayPushBack(place, toUInt32(0)), said),
                (arrayPushBack(place, toUInt32(2)), of_sender),
                (arrayPushBack(place, toUInt32(3)), elsewhere),
                (arrayPushBack(place, toUInt32(5)), of_owner)]) AS one,
            one.1 AS order_of_place,
            one.2 AS told
        FROM ways
    )
SELECT
    start.1 AS trace_id,
    arraySort(groupArray((
        start.2, start.3, nth_of_start, payer.1, payer.2, payer.3, project, environment, user, session, task, workflow, payer.4))) AS found
FROM
(
    SELECT
        start,
        nth_of_start,
        argMinIf((told.1, told.2, told.3, told.10), order_of_place, (told.1, told.2, told.3) != ('', '', '')) AS payer,
        argMinIf(told.4, order_of_place, told.4 != '') AS project,
        argMinIf(told.5, order_of_place, told.5 != '') AS environment,
        argMinIf(told.6, order_of_place, told.6 != '') AS user,
        argMinIf(told.7, order_of_place, told.7 != '') AS session,
        argMinIf(told.8, order_of_place, told.8 != '') AS task,
        argMinIf(told.9, order_of_place, told.9 != '') AS workflow
    FROM statements
    GROUP BY start, nth_of_start
)
GROUP BY start.1
