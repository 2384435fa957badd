-- Purpose: who started the work, as far as the trace itself says (R8).
-- Grain:   trace; `node` is an array over its spans, the dimensions are arrays over its nodes.
-- Columns: node: where the span finds its dimensions. A node is a root, a span with tags of its own, or one whose resource says
--          something else than its parent's; every span below has what its nearest node has. Most traces have one.
-- Holds:   a dimension comes from the topmost span attribute of the path, else the topmost resource attribute, else the first span
--          of the trace that has it as either; team, department and cost center always from one place.
CREATE TABLE {initiators:Identifier} ENGINE = Memory AS
WITH
    (ladder, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), ladder, has_it) AS nearest,
    (ladder, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(v[p] > 0, v[p], x), v, jump), ladder, has_it) AS topmost,
    (value) -> arrayMap((x, k) -> if(x != '', k, 0), value, arrayEnumerate(value)) AS where_set,
    (a, b, c) -> arrayMap((x, y, z, k) -> if(x != '' OR y != '' OR z != '', k, 0), a, b, c, arrayEnumerate(a)) AS where_any_set,

    arrayEnumerate(s) AS indices,
    arrayMap((i, p, own, hash) -> own OR p = 0 OR hash != s.resource_hash[p], indices, parent, s.tagged, s.resource_hash) AS is_node,
    arrayFilter((i, it_is) -> it_is, indices, is_node) AS nodes,
    arrayCumSum(is_node) AS rank,
    nearest(
        if(length(nodes) = 1, [], jumps), arrayMap((i, it_is) -> if(it_is, toUInt32(i), 0), indices, is_node)) AS node_at,
    if(length(nodes) = 1, arrayMap(_ -> toUInt32(1), indices), arrayMap(i -> toUInt32(rank[i]), node_at)) AS node,
    -- The tree of the nodes, and its jumps.
    arrayMap(i -> if(parent[i] = 0, toUInt32(0), node[parent[i]]), nodes) AS node_parent,
    arrayMap(
        k -> arrayFold((a, _) -> arrayMap(p -> a[p], a), range(k), node_parent),
        range(if(arrayMax(node_parent) = 0, 0, toUInt8(ceil(log2(length(nodes) + 1)))))) AS node_jumps,
    -- What each node says, by its own tags (nth_tag, 0: none) and its resource; and the resources by first appearance.
    arrayCumSum(s.tagged) AS tags_until,
    arrayMap(i -> if(s.tagged[i], tags_until[i], 0), nodes) AS nth_tag,
    resources.1 AS hashes,
    -- Every hash of a span is among them, so numbering them first tells where each stands.
    arraySlice(arrayEnumerateDense(arrayConcat(hashes, s.resource_hash)), length(hashes) + 1) AS resource_number,
    arrayMap(i -> resource_number[i], nodes) AS nth_resource,
    arrayDistinct(resource_number) AS resources_by_appearance,
    (of_tags) -> arrayMap(k -> of_tags[k], nth_tag) AS own,
    (of_resources) -> arrayMap(k -> of_resources[k], nth_resource) AS its_resources,

    -- One place for each node: a positive number is a node's tags, a negative one a resource set, 0 none.
    (tag_at, resource_at, first_resource) -> arrayMap(
        (a, b) -> multiIf(
            a > 0, toInt64(a),
            b > 0, -toInt64(nth_resource[b]),
            arrayFirst(k -> k > 0, tag_at) > 0, toInt64(arrayFirst(k -> k > 0, tag_at)),
            -toInt64(first_resource)),
        topmost(node_jumps, tag_at), topmost(node_jumps, resource_at)) AS places,
    (place, tag_values, resource_values) -> arrayMap(
        k -> if(k > 0, tag_values[nth_tag[k]], resource_values[-k]), place) AS values_at,
    (tag_values, resource_values) -> values_at(
        places(
            where_set(own(tag_values)),
            where_set(its_resources(resource_values)),
            arrayFirst(k -> resource_values[k] != '', resources_by_appearance)),
        tag_values, resource_values) AS found,
    places(
        where_any_set(own(tags.3), own(tags.4), own(tags.5)),
        where_any_set(its_resources(resources.2), its_resources(resources.3), its_resources(resources.4)),
        arrayFirst(
            k -> resources.2[k] != '' OR resources.3[k] != '' OR resources.4[k] != '', resources_by_appearance)) AS payer_at
SELECT
    trace_id,
    node,
    values_at(payer_at, tags.3, resources.2) AS team,
    values_at(payer_at, tags.4, resources.3) AS department,
    values_at(payer_at, tags.5, resources.4) AS cost_center,
    found(tags.6, resources.5) AS project,
    found(tags.7, resources.6) AS environment,
    found(tags.8, resources.7) AS user,
    found(tags.9, resources.8) AS session,
    found(tags.10, resources.9) AS task,
    found(tags.11, resources.10) AS workflow
FROM {trees:Identifier}
