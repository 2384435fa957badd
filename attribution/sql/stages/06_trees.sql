-- Purpose: the tree of every trace: who is whose parent once pointer loops are cut (R2, R3), and the jumps up the path.
-- Grain:   trace; columns are arrays over its spans, ordered by (start_ns, span_id), so "first" is the lowest index.
-- Columns: an index is 1-based, 0 is none. jumps[k][i] is the 2^(k-1)-th ancestor of span i, for as many k as the depth needs.
--          tags: of the spans that say who started the work, in order; resources: the distinct sets that resources say;
--          links: of the spans that have any; times: of the spans whose own time costs (s.timed), in order.
-- Holds:   every span once, at its latest content (R1); no loop in parent; jumps no longer than log2(spans) + 1.
CREATE TABLE {trees:Identifier} ENGINE = Memory AS
WITH
    arrayEnumerate(s) AS indices,
    -- Where each value of one array stands in another of distinct values, 0: nowhere. In numbering what follows them the distinct
    -- values come first; a search inside a lambda would copy what it searches for every span.
    (distinct_values, asked) -> arrayMap(
        nth -> if(nth > length(distinct_values), 0, nth),
        arraySlice(arrayEnumerateDense(arrayConcat(distinct_values, asked)), length(distinct_values) + 1)) AS positions,
    arrayMap((id, i) -> if(id = '', 0, i), s.parent_span_id, positions(s.span_id, s.parent_span_id)) AS named_parent,
    -- As many doublings as the longest path can need. After them only spans in or below a loop still have an ancestor,
    -- and those ancestors are all the members of the loops.
    toUInt8(ceil(log2(length(s) + 1))) AS doublings,
    arrayFold((a, _) -> arrayMap(p -> a[p], a), range(doublings), named_parent) AS far_ancestor,
    arraySort(arrayDistinct(arrayFilter(p -> p > 0, far_ancestor))) AS loop_members,
    -- The lowest index on the way once round; the member of a loop whose own it is, is its first.
    arrayFold(
        (a, _) -> (arrayMap((low, p) -> if(p = 0, low, least(low, a.1[p])), a.1, a.2), arrayMap(p -> a.2[p], a.2)),
        range(if(empty(loop_members), 0, doublings)),
        (indices, named_parent)).1 AS lowest_above,
    arrayMap((low, i, nth) -> low = i AND nth > 0, lowest_above, indices, positions(loop_members, indices)) AS cut,
    arrayMap((p, is_cut) -> if(is_cut, 0, p), named_parent, cut) AS parent,
    -- How many steps up the deepest span is from its root, and how many doublings that takes.
    arrayMax(arrayFold(
        (a, _) -> (arrayMap((steps, p) -> if(p = 0, steps, steps + a.1[p]), a.1, a.2), arrayMap(p -> a.2[p], a.2)),
        range(doublings),
        (arrayMap(p -> toUInt64(p > 0), parent), parent)).1) AS depth
SELECT
    trace_id,
    dirty,
    s,
    tags,
    resources,
    links,
    times,
    cut,
    arrayMap((id, p) -> id != '' AND p = 0, s.parent_span_id, named_parent) AS orphan,
    parent,
    arrayMap(
        k -> arrayFold((a, _) -> arrayMap(p -> a[p], a), range(k), parent), range(toUInt8(ceil(log2(depth + 1))))) AS jumps
FROM
(
    SELECT
        trace_id,
        arraySort(groupArray((
            toUnixTimestamp64Nano(start_time) AS start_ns, span_id, parent_span_id, start_ns + toInt64(duration_ns) AS end_ns,
            name, service, usage, cost, cost_source, is_fee, priced_by, repriced_at, repriced_from,
            provider, model, bucket, input_tokens, output_tokens, response_id,
            agent, workflow_name,
            concat(
                span_team, span_department, span_cost_center, span_project, span_environment,
                span_user, span_session, span_task, span_workflow) != '' AS tagged,
            cityHash64(
                resource_team, resource_department, resource_cost_center, resource_project, resource_environment,
                resource_user, resource_session, resource_task, resource_workflow) AS resource_hash,
            own_time_price_id != '' AS timed,
            -- A tool's fee, by its price; 0 is none.
            if(usage = 'leaf' AND is_fee AND startsWith(price_id, 'rule:tool/'), cityHash64(price_id), 0) AS tool_fee))) AS s,
        arraySort(groupArrayIf((
            start_ns, span_id,
            span_team, span_department, span_cost_center, span_project, span_environment,
            span_user, span_session, span_task, span_workflow), tagged)) AS tags,
        groupUniqArray((
            resource_hash,
            resource_team, resource_department, resource_cost_center, resource_project, resource_environment,
            resource_user, resource_session, resource_task, resource_workflow)) AS resources,
        groupArrayIf((span_id, link_trace_ids, link_span_ids), notEmpty(link_trace_ids)) AS links,
        arraySort(groupArrayIf(
            (start_ns, span_id, own_time_rate AS rate, duration_ns, own_time_price_id = price_id AS in_cost), timed)) AS times
    -- By itself first: shards of a cluster cannot group by what an alias stands for.
    FROM
    (
        SELECT *, is_fee, priced_by
        FROM span_records FINAL
        WHERE trace_id GLOBAL IN (SELECT trace_id FROM {batch:Identifier})
    )
    GROUP BY trace_id
    SETTINGS enable_named_columns_in_function_tuple = 1
) AS traces
INNER JOIN (SELECT trace_id, max(dirty) AS dirty FROM {batch:Identifier} GROUP BY trace_id) AS batch USING trace_id
-- The stages that follow read block by block: small ones stay in the caches, and several are worked on at once.
SETTINGS max_block_size = 4096
