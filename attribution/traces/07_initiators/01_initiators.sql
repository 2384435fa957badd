-- Work table: initiators
-- Purpose: Who started the work, as far as the trace itself says (R8).
-- Grain: a trace (trace_id); `node` is an array over its spans, the dimensions are arrays over its nodes
-- Carries: the columns of agent_paths but span_dimensions, resource
-- Columns:
--     node Array(UInt32): index of the node at which the span finds its dimensions. A node is a local root, a span that says something
--         itself, or one whose resource says something else than its parent's; most traces have one
--     team Array(String): team of each node; empty: the trace does not say
--     department Array(String): department of each node; empty: the trace does not say
--     cost_center Array(String): cost_center of each node; empty: the trace does not say
--     project Array(String): project of each node; empty: the trace does not say
--     environment Array(String): environment of each node; empty: the trace does not say
--     user Array(String): user of each node; empty: the trace does not say
--     session Array(String): session of each node; empty: the trace does not say
--     task Array(String): task of each node; empty: the trace does not say
--     workflow Array(String): workflow of each node; empty: the trace does not say
-- Holds: A dimension comes from the topmost span attribute of the path, else from the topmost resource attribute, else from the first span
--        of the trace that has it as either. Team, department and cost center always come from one place.
WITH
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest,
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(v[p] > 0, v[p], x), v, jump), jumps_up, has_it) AS topmost,
    (values) -> arrayMap(k -> values[k], nth_span_dimensions) AS of_spans,
    (values) -> arrayMap(k -> values[k], nth_resource) AS of_resources,
    -- A positive place is an index into span_dimensions by node, a negative one an index of a resource, 0 is none.
    (place, of_span, of_resource) -> arrayMap(k -> if(k > 0, of_span[nth_span_dimensions[k]], of_resource[-k]), place) AS values_at
SELECT
    * EXCEPT (
        span_dimensions, resource, node_parent, nth_span_dimensions, nth_resource, node_jumps, resources,
        resource_team, resource_department, resource_cost_center, resource_project, resource_environment,
        resource_user, resource_session, resource_task, resource_workflow, places),
    values_at(places[1], span_dimensions.3, resource_team) AS team,
    values_at(places[1], span_dimensions.4, resource_department) AS department,
    values_at(places[1], span_dimensions.5, resource_cost_center) AS cost_center,
    values_at(places[2], span_dimensions.6, resource_project) AS project,
    values_at(places[3], span_dimensions.7, resource_environment) AS environment,
    values_at(places[4], span_dimensions.8, resource_user) AS user,
    values_at(places[5], span_dimensions.9, resource_session) AS session,
    values_at(places[6], span_dimensions.10, resource_task) AS task,
    values_at(places[7], span_dimensions.11, resource_workflow) AS workflow
FROM
(
    SELECT
        *,
        -- For each dimension (team, department and cost center together) one place for each node. Resources are numbered as they appear.
        arrayMap(
            (span_has, resource_has) -> arrayMap(
                (span_node, resource_node) -> multiIf(
                    span_node > 0, toInt64(span_node),
                    resource_node > 0, -toInt64(nth_resource[resource_node]),
                    has(span_has, true), toInt64(indexOf(nth_span_dimensions, indexOf(span_has, true))),
                    -toInt64(indexOf(resource_has, true))),
                topmost(node_jumps, arrayMap((k, i) -> if(span_has[k], i, 0), nth_span_dimensions, arrayEnumerate(nth_span_dimensions))),
                topmost(node_jumps, arrayMap((k, i) -> if(resource_has[k], i, 0), nth_resource, arrayEnumerate(nth_resource)))),
            [
                arrayMap(
                    (team_of, department_of, cost_center_of) -> team_of != '' OR department_of != '' OR cost_center_of != '',
                    span_dimensions.3, span_dimensions.4, span_dimensions.5),
                arrayMap(x -> x != '', span_dimensions.6), arrayMap(x -> x != '', span_dimensions.7), arrayMap(x -> x != '', span_dimensions.8),
                arrayMap(x -> x != '', span_dimensions.9), arrayMap(x -> x != '', span_dimensions.10), arrayMap(x -> x != '', span_dimensions.11)
            ],
            [
                arrayMap(
                    (team_of, department_of, cost_center_of) -> team_of != '' OR department_of != '' OR cost_center_of != '',
                    resource_team, resource_department, resource_cost_center),
                arrayMap(x -> x != '', resource_project), arrayMap(x -> x != '', resource_environment), arrayMap(x -> x != '', resource_user),
                arrayMap(x -> x != '', resource_session), arrayMap(x -> x != '', resource_task), arrayMap(x -> x != '', resource_workflow)
            ]) AS places
    FROM
    (
        SELECT
            *,
            arrayMap(key -> joinGet({resource_lookup:String}, 'team', key), resources) AS resource_team,
            arrayMap(key -> joinGet({resource_lookup:String}, 'department', key), resources) AS resource_department,
            arrayMap(key -> joinGet({resource_lookup:String}, 'cost_center', key), resources) AS resource_cost_center,
            arrayMap(key -> joinGet({resource_lookup:String}, 'project', key), resources) AS resource_project,
            arrayMap(key -> joinGet({resource_lookup:String}, 'environment', key), resources) AS resource_environment,
            arrayMap(key -> joinGet({resource_lookup:String}, 'user', key), resources) AS resource_user,
            arrayMap(key -> joinGet({resource_lookup:String}, 'session', key), resources) AS resource_session,
            arrayMap(key -> joinGet({resource_lookup:String}, 'task', key), resources) AS resource_task,
            arrayMap(key -> joinGet({resource_lookup:String}, 'workflow', key), resources) AS resource_workflow,
            -- The tree of the nodes, and its jumps.
            arrayMap(
                k -> arrayFold((ancestor, _) -> arrayMap(p -> ancestor[p], ancestor), range(k), node_parent),
                range(if(arrayMax(node_parent) = 0, 0, toUInt8(ceil(log2(length(node_parent) + 1)))))) AS node_jumps
        FROM
        (
            SELECT
                * EXCEPT (nodes, is_node, rank, dimensions_until, resource_number),
                arrayMap(i -> if(parent[i] = 0, toUInt32(0), node[parent[i]]), nodes) AS node_parent,
                arrayMap(i -> if(span.has_dimensions[i], dimensions_until[i], 0), nodes) AS nth_span_dimensions,
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
                    arrayMap((i, p, own, key) -> own OR p = 0 OR key != resource[p], arrayEnumerate(span), parent, span.has_dimensions, resource) AS is_node,
                    arrayFilter((i, is_one) -> is_one, arrayEnumerate(span), is_node) AS nodes,
                    arrayCumSum(is_node) AS rank,
                    arrayCumSum(span.has_dimensions) AS dimensions_until
                FROM {agent_paths:Identifier}
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
