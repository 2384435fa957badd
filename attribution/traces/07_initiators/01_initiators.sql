-- Work table: initiators
-- Purpose: What a trace itself says of who started the work (R8): of the work, of the sender, and anywhere else in the trace.
-- Grain: a trace (trace_id); `node` is an array over its spans, the others are arrays over its nodes
-- Carries: the columns of agent_paths but span_dimensions, resource, granted_parent, granted_jumps
-- Columns:
--     nodes Array(UInt32): index of the span of each node
--     nth_link Array(UInt32): index into `links` of each node's own span, 0: it has none
--     node Array(UInt32): index of the node at which the span finds its dimensions. A node is a local root, a span that says something
--         itself, one that has links, or one whose sender or what is said of it is another than its parent's; most traces have one
--     node_sender Array(String): sender of each node
--     node_jumps Array(Array(UInt32)): of the tree of the nodes, as `jumps`
--     link_node Array(UInt32): nearest node at or above each node whose span has links, 0: none
--     said Array(Tuple(team String, department String, cost_center String, project String, environment String, user String, session String,
--         task String, workflow String, sender String)): what is said of the work; '' is nothing; sender: whose span says team, department
--         and cost center
--     of_sender Array(Tuple(team String, department String, cost_center String, project String, environment String, user String,
--         session String, task String, workflow String, sender String)): what is said of the sender
--     of_others Array(Tuple(team String, department String, cost_center String, project String, environment String, user String,
--         session String, task String, workflow String, sender String)): the earliest statement of a span below another local root
--     anywhere Array(Tuple(team String, department String, cost_center String, project String, environment String, user String,
--         session String, task String, workflow String, sender String)): for links that lead here: the earliest statement of the trace; and,
--         where it has several local roots, of each node that of a span below another one
-- Holds: Of a path the topmost statement counts. Of one span what it says of the work is earlier than what is said of its sender. Team,
--        department and cost center always come from one place. What spans of another sender say counts only where the sender of the node may
--        charge it (R16).
WITH
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest,
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(v[p] > 0, v[p], x), v, jump), jumps_up, has_it) AS topmost,
    -- A positive place is an index into span_dimensions, a negative one an index of a resource, 0 is none.
    (place, of_span, of_resource) -> if(place > 0, of_span[place], of_resource[-place]) AS value_at,
    -- For each kind of dimension a list of places. What is asked of every node is looked up in lists alone: a list in a list that is asked
    -- once a node is copied once a node.
    (places) -> arrayMap(
        (of_payer, of_project, of_environment, of_user, of_session, of_task, of_workflow) -> (
            value_at(of_payer, span_team, resource_team),
            value_at(of_payer, span_department, resource_department),
            value_at(of_payer, span_cost_center, resource_cost_center),
            value_at(of_project, span_project, resource_project),
            value_at(of_environment, span_environment, resource_environment),
            value_at(of_user, span_user, resource_user),
            value_at(of_session, span_session, resource_session),
            value_at(of_task, span_task, resource_task),
            value_at(of_workflow, span_workflow, resource_workflow),
            value_at(of_payer, span_sender, resource_sender)),
        places[1], places[2], places[3], places[4], places[5], places[6], places[7]) AS statements_at,
    -- Of the lists of each viewer, those that the viewer of each node sees.
    (of_viewers) -> if(
        length(of_viewers) = 1,
        of_viewers[1],
        arrayFold(
            (seen, of_viewer, nth) -> arrayMap(
                (own, other) -> arrayMap((x, y, v) -> if(v = nth, y, x), own, other, viewer), seen, of_viewer),
            of_viewers, arrayEnumerate(of_viewers), of_viewers[1])) AS seen_in,
    (team_of, department_of, cost_center_of, project_of, environment_of, user_of, session_of, task_of, workflow_of) -> [
        arrayMap((a, b, c) -> a != '' OR b != '' OR c != '', team_of, department_of, cost_center_of),
        arrayMap(x -> x != '', project_of), arrayMap(x -> x != '', environment_of), arrayMap(x -> x != '', user_of),
        arrayMap(x -> x != '', session_of), arrayMap(x -> x != '', task_of), arrayMap(x -> x != '', workflow_of)] AS kinds_in,
    (team, cost_center) -> if(
        team = '' AND cost_center != '',
        transform(cost_center, {cost_centers:Array(String)}, {teams:Array(String)}, ''),
        transform(lowerUTF8(team), {team_spellings:Array(String)}, {spelled_teams:Array(String)}, team)) AS team_of,
    (sender, other, of_team) -> sender = other
        OR match(other, transform(sender, {limited_senders:Array(String)}, {may_charge:Array(String)}, ''))
        OR match(of_team, transform(sender, {limited_senders:Array(String)}, {may_charge:Array(String)}, '')) AS may_charge,
    -- All statements of one kind as (span, order, place, root), the earliest first.
    (span_say, resource_say) -> arraySort(arrayConcat(
        arrayMap(
            k -> (toUInt64(says_at[k]), toUInt8(0), toInt64(k), toUInt64(root[says_at[k]])),
            arrayFilter((k, says) -> says, arrayEnumerate(says_at), span_say)),
        arrayMap(
            n -> (toUInt64(node_first[n]), toUInt8(1), -toInt64(nth_resource[n]), toUInt64(node_root[n])),
            arrayFilter((n, k) -> resource_say[k], arrayEnumerate(nodes), nth_resource)))) AS statements_of,
    -- For each kind the earliest one, and the earliest one below another local root.
    (of_span, of_resource) -> arrayMap(
        sorted -> (sorted[1], arrayFirst(one -> one.4 != sorted[1].4, sorted)),
        arrayMap((span_say, resource_say) -> statements_of(span_say, resource_say), of_span, of_resource)) AS earliest_of
SELECT
    * EXCEPT (
        span_dimensions, resource, granted_parent, granted_jumps, node_parent, node_root, nth_span_dimensions, nth_resource, node_first, resources, resource_sender,
        resource_team, resource_department, resource_cost_center, resource_project, resource_environment, resource_user, resource_session,
        resource_task, resource_workflow, span_sender, span_team, span_department, span_cost_center, span_project, span_environment, span_user,
        span_session, span_task, span_workflow, says_at, span_says, resource_says, viewers, viewer, places),
    statements_at(seen_in(places.1)) AS said,
    statements_at(seen_in(places.2)) AS of_sender,
    statements_at(seen_in(places.3)) AS of_others,
    statements_at(
        arrayMap((of_trace, of_nodes) -> arrayPushFront(if(length(arrayDistinct(node_root)) = 1, [], of_nodes), of_trace), places[1].4, places[1].3)) AS anywhere
FROM
(
    SELECT
        *,
        -- Of each viewer, for each kind of dimension (team, department and cost center are one): the places of all nodes.
        arrayMap(
            (of_span, of_resource) -> (
                arrayMap(
                    says -> arrayMap(
                        n -> if(n > 0, toInt64(nth_span_dimensions[n]), 0),
                        topmost(node_jumps, arrayMap((k, n) -> if(says[k], n, 0), nth_span_dimensions, arrayEnumerate(nodes)))),
                    of_span),
                arrayMap(
                    says -> arrayMap(
                        n -> if(n > 0, -toInt64(nth_resource[n]), 0),
                        topmost(node_jumps, arrayMap((k, n) -> if(says[k], n, 0), nth_resource, arrayEnumerate(nodes)))),
                    of_resource),
                arrayMap(
                    earliest -> arrayMap(r -> if(earliest.1.4 != r, earliest.1.3, earliest.2.3), node_root),
                    earliest_of(of_span, of_resource)),
                arrayMap(earliest -> earliest.1.3, earliest_of(of_span, of_resource))),
            arrayMap(
                sender -> arrayMap(
                    says -> if(
                        sender = '',
                        says,
                        arrayMap(
                            (x, other, team, cost_center) -> x AND may_charge(sender, other, team_of(team, cost_center)),
                            says, span_sender, span_team, span_cost_center)),
                    span_says),
                viewers),
            arrayMap(
                sender -> arrayMap(
                    says -> if(
                        sender = '',
                        says,
                        arrayMap(
                            (x, other, team, cost_center) -> x AND may_charge(sender, other, team_of(team, cost_center)),
                            says, resource_sender, resource_team, resource_cost_center)),
                    resource_says),
                viewers)) AS places
    FROM
    (
        SELECT
            *,
            kinds_in(
                span_team, span_department, span_cost_center, span_project, span_environment, span_user, span_session, span_task,
                span_workflow) AS span_says,
            kinds_in(
                resource_team, resource_department, resource_cost_center, resource_project, resource_environment,
                resource_user, resource_session, resource_task, resource_workflow) AS resource_says,
            -- Who sees what others said: anybody, as '', and each sender that may not charge everybody.
            arrayPushFront(arrayFilter(s -> s != '' AND has({limited_senders:Array(String)}, s), arrayDistinct(node_sender)), '') AS viewers,
            arrayMap(s -> toUInt32(greatest(indexOf(viewers, s), 1)), node_sender) AS viewer,
            -- The tree of the nodes, and its jumps.
            arrayMap(
                k -> arrayFold((ancestor, _) -> arrayMap(p -> ancestor[p], ancestor), range(k), node_parent),
                range(if(arrayMax(node_parent) = 0, 0, toUInt8(ceil(log2(length(node_parent) + 1)))))) AS node_jumps,
            arrayMap(
                n -> toUInt32(n),
                nearest(node_jumps, arrayMap((k, n) -> if(k > 0, n, 0), nth_link, arrayEnumerate(nodes)))) AS link_node
        FROM
        (
            SELECT
                *,
                span_dimensions.3 AS span_team, span_dimensions.4 AS span_department, span_dimensions.5 AS span_cost_center,
                span_dimensions.6 AS span_project, span_dimensions.7 AS span_environment, span_dimensions.8 AS span_user,
                span_dimensions.9 AS span_session, span_dimensions.10 AS span_task, span_dimensions.11 AS span_workflow,
                span_dimensions.12 AS span_sender,
                arrayMap(key -> joinGet({resource_lookup:String}, 'team', key), resources) AS resource_team,
                arrayMap(key -> joinGet({resource_lookup:String}, 'department', key), resources) AS resource_department,
                arrayMap(key -> joinGet({resource_lookup:String}, 'cost_center', key), resources) AS resource_cost_center,
                arrayMap(key -> joinGet({resource_lookup:String}, 'project', key), resources) AS resource_project,
                arrayMap(key -> joinGet({resource_lookup:String}, 'environment', key), resources) AS resource_environment,
                arrayMap(key -> joinGet({resource_lookup:String}, 'user', key), resources) AS resource_user,
                arrayMap(key -> joinGet({resource_lookup:String}, 'session', key), resources) AS resource_session,
                arrayMap(key -> joinGet({resource_lookup:String}, 'task', key), resources) AS resource_task,
                arrayMap(key -> joinGet({resource_lookup:String}, 'workflow', key), resources) AS resource_workflow,
                arrayMap(key -> joinGet({resource_lookup:String}, 'sender', key), resources) AS resource_sender,
                arrayMap(k -> resource_sender[k], nth_resource) AS node_sender,
                -- The first span of each node: with a clock of its own, a span can start before the one above it.
                arrayMap(
                    x -> x.2,
                    arraySort(arrayZip(
                        arrayDistinct(node), arrayFilter((i, nth) -> nth = 1, arrayEnumerate(node), arrayEnumerateUniq(node))))) AS node_first
            FROM
            (
                SELECT
                    * EXCEPT (is_node, rank, dimensions_until, links_until, resource_number),
                    arrayMap(i -> if(parent[i] = 0, toUInt32(0), node[parent[i]]), nodes) AS node_parent,
                    arrayMap(i -> root[i], nodes) AS node_root,
                    arrayMap(i -> if(span.has_dimensions[i], dimensions_until[i], 0), nodes) AS nth_span_dimensions,
                    arrayMap(i -> if(span.has_links[i], toUInt32(links_until[i]), 0), nodes) AS nth_link,
                    arrayFilter((i, says) -> says, arrayEnumerate(span), span.has_dimensions) AS says_at,
                    if(
                        length(nodes) = 1,
                        arrayMap(_ -> toUInt32(1), span),
                        arrayMap(
                            i -> toUInt32(rank[i]),
                            nearest(jumps, arrayMap((i, is_one) -> if(is_one, i, 0), arrayEnumerate(span), is_node)))) AS node,
                    arrayMap(i -> resource_number[i], nodes) AS nth_resource
                FROM
                (
                    SELECT
                        *,
                        arrayEnumerateDense(resource) AS resource_number,
                        arrayDistinct(resource) AS resources,
                        arrayMap(
                            (i, p, says, links_on, key) -> says OR links_on OR p = 0 OR key != resource[p],
                            arrayEnumerate(span), parent, span.has_dimensions, span.has_links, resource) AS is_node,
                        arrayMap(i -> toUInt32(i), arrayFilter((i, is_one) -> is_one, arrayEnumerate(span), is_node)) AS nodes,
                        arrayCumSum(is_node) AS rank,
                        arrayCumSum(span.has_dimensions) AS dimensions_until,
                        arrayCumSum(span.has_links) AS links_until
                    FROM {agent_paths:Identifier}
                )
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
