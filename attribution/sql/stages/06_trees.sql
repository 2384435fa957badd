-- Purpose: the tree of every trace: who is whose parent once pointer loops are cut (R2, R3), and the jumps up the path.
-- Grain:   trace; columns are arrays over its spans, ordered by (start_ns, span_id), so "first" is the lowest index.
-- Columns: an index is 1-based, 0 is none. jumps[k][i] is the 2^(k-1)-th ancestor of span i, for as many k as the depth needs.
--          tags: of the spans that say who started the work, in order; resources: the distinct sets that resources say;
--          links: of the spans that have any; times: of the spans whose own time costs (s.timed), in order.
-- Holds:   every span once, at its latest content (R1); no loop in parent; jumps no longer than log2(spans) + 1.
CREATE TABLE {trees:Identifier} ENGINE = Memory AS
WITH
    arrayEnumerate(s) AS indices,
    -- Ids and who names them, in one sorted run: the last id until then is the one named, if it is the same. To look each one up would
    -- copy all ids for each span.
    arraySort(
        met -> (met.1, met.2),
        arrayConcat(
            arrayMap((id, i) -> (id, 0, i), s.span_id, indices), arrayMap((id, i) -> (id, 1, i), s.parent_span_id, indices))) AS meeting,
    arrayFilter(met -> met.2 = 0, meeting) AS by_id,
    arraySort(
        child -> child.1,
        arrayFilter(
            child -> child.1 > 0,
            arrayMap(
                (met, ids) -> (
                    if(met.2 = 1, met.3, 0), if(met.1 != '' AND met.1 = by_id[ids].1, by_id[ids].3, 0)),
                meeting, arrayCumSum(arrayMap(met -> met.2 = 0, meeting))))).2 AS named_parent,
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
    arrayFilter(i -> lowest_above[i] = i, loop_members) AS cut_at,
    if(
        empty(loop_members),
        named_parent,
        arrayMap((p, i) -> if(indexOfAssumeSorted(cut_at, i) > 0, 0, p), named_parent, indices)) AS parent,
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
    cut_at,
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
    FROM span_records FINAL
    WHERE trace_id IN (SELECT trace_id FROM {batch:Identifier})
    GROUP BY trace_id
    SETTINGS enable_named_columns_in_function_tuple = 1
) AS traces
INNER JOIN (SELECT trace_id, max(dirty) AS dirty FROM {batch:Identifier} GROUP BY trace_id) AS batch USING trace_id
-- The stages that follow read block by block: small ones stay in the caches, and several are worked on at once.
SETTINGS max_block_size = 4096
