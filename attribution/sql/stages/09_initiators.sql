-- Purpose: who started the work, as far as the trace itself says (R8).
-- Grain:   trace; `node` is an array over its spans, the dimensions are arrays over its nodes; what the paths say goes on.
-- Columns: node: where the span finds its dimensions. A node is a root, a span with tags of its own, or one whose resource says
--          something else than its parent's; every span below has what its nearest node has. Most traces have one.
-- Holds:   a dimension comes from the topmost span attribute of the path, else the topmost resource attribute, else the first span
--          of the trace that has it as either; team, department and cost center always from one place.
CREATE TABLE {initiators:Identifier} ENGINE = Memory AS
WITH
    (ladder, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), ladder, has_it) AS nearest,
    (ladder, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(v[p] > 0, v[p], x), v, jump), ladder, has_it) AS topmost,
    (values) -> arrayMap(k -> values[k], nth_tag) AS of_tags,
    (values) -> arrayMap(k -> values[k], nth_resource) AS of_resources,
    -- A positive place is a node's tags, a negative one a resource, 0 none.
    (place, own, its_resources) -> arrayMap(k -> if(k > 0, own[nth_tag[k]], its_resources[-k]), place) AS values_at
SELECT
    * EXCEPT (
        tags, resource, node_parent, nth_tag, nth_resource, node_jumps, resources, resource_team, resource_department, resource_cost_center,
        resource_project, resource_environment, resource_user, resource_session, resource_task, resource_workflow, places),
    values_at(places[1], tags.3, resource_team) AS team,
    values_at(places[1], tags.4, resource_department) AS department,
    values_at(places[1], tags.5, resource_cost_center) AS cost_center,
    values_at(places[2], tags.6, resource_project) AS project,
    values_at(places[3], tags.7, resource_environment) AS environment,
    values_at(places[4], tags.8, resource_user) AS user,
    values_at(places[5], tags.9, resource_session) AS session,
    values_at(places[6], tags.10, resource_task) AS task,
    values_at(places[7], tags.11, resource_workflow) AS workflow
FROM
(
    SELECT
        *,
        -- One place for each question and node. Resources are numbered as they appear.
        arrayMap(
            (tag_has, resource_has) -> arrayMap(
                (a, b) -> multiIf(
                    a > 0, toInt64(a),
                    b > 0, -toInt64(nth_resource[b]),
                    has(tag_has, true), toInt64(indexOf(nth_tag, indexOf(tag_has, true))),
                    -toInt64(indexOf(resource_has, true))),
                topmost(node_jumps, arrayMap((k, i) -> if(tag_has[k], i, 0), nth_tag, arrayEnumerate(nth_tag))),
                topmost(node_jumps, arrayMap((k, i) -> if(resource_has[k], i, 0), nth_resource, arrayEnumerate(nth_resource)))),
            [
                arrayMap((a, b, c) -> a != '' OR b != '' OR c != '', tags.3, tags.4, tags.5),
                arrayMap(x -> x != '', tags.6), arrayMap(x -> x != '', tags.7), arrayMap(x -> x != '', tags.8),
                arrayMap(x -> x != '', tags.9), arrayMap(x -> x != '', tags.10), arrayMap(x -> x != '', tags.11)
            ],
            [
                arrayMap((a, b, c) -> a != '' OR b != '' OR c != '', resource_team, resource_department, resource_cost_center),
                arrayMap(x -> x != '', resource_project), arrayMap(x -> x != '', resource_environment), arrayMap(x -> x != '', resource_user),
                arrayMap(x -> x != '', resource_session), arrayMap(x -> x != '', resource_task), arrayMap(x -> x != '', resource_workflow)
            ]) AS places
    FROM
    (
        SELECT
            *,
            arrayMap(key -> joinGet({resources:String}, 'team', key), resources) AS resource_team,
            arrayMap(key -> joinGet({resources:String}, 'department', key), resources) AS resource_department,
            arrayMap(key -> joinGet({resources:String}, 'cost_center', key), resources) AS resource_cost_center,
            arrayMap(key -> joinGet({resources:String}, 'project', key), resources) AS resource_project,
            arrayMap(key -> joinGet({resources:String}, 'environment', key), resources) AS resource_environment,
            arrayMap(key -> joinGet({resources:String}, 'user', key), resources) AS resource_user,
            arrayMap(key -> joinGet({resources:String}, 'session', key), resources) AS resource_session,
            arrayMap(key -> joinGet({resources:String}, 'task', key), resources) AS resource_task,
            arrayMap(key -> joinGet({resources:String}, 'workflow', key), resources) AS resource_workflow,
            -- The tree of the nodes, and its jumps.
            arrayMap(
                k -> arrayFold((a, _) -> arrayMap(p -> a[p], a), range(k), node_parent),
                range(if(arrayMax(node_parent) = 0, 0, toUInt8(ceil(log2(length(node_parent) + 1)))))) AS node_jumps
        FROM
        (
            SELECT
                * EXCEPT (nodes, is_node, rank, tags_until, resource_number),
                arrayMap(i -> if(parent[i] = 0, toUInt32(0), node[parent[i]]), nodes) AS node_parent,
                arrayMap(i -> if(s.tagged[i], tags_until[i], 0), nodes) AS nth_tag,
                if(
                    length(nodes) = 1,
                    arrayMap(_ -> toUInt32(1), s),
                    arrayMap(
                        i -> toUInt32(rank[i]),
                        nearest(jumps, arrayMap((i, it_is) -> if(it_is, i, 0), arrayEnumerate(s), is_node)))) AS node,
                arrayMap(i -> resource_number[i], nodes) AS nth_resource
            FROM
            (
                SELECT
                    *,
                    arrayEnumerateDense(resource) AS resource_number,
                    arrayDistinct(resource) AS resources,
                    arrayMap((i, p, own, key) -> own OR p = 0 OR key != resource[p], arrayEnumerate(s), parent, s.tagged, resource) AS is_node,
                    arrayFilter((i, it_is) -> it_is, arrayEnumerate(s), is_node) AS nodes,
                    arrayCumSum(is_node) AS rank,
                    arrayCumSum(s.tagged) AS tags_until
                FROM {paths:Identifier}
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
