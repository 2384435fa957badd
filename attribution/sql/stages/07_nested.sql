-- Purpose: calls that are told again above or below themselves: a framework's span around the provider's, an MCP client's around the
--          server's (R4).
-- Grain:   trace in which a call lies below another, or a tool's fee right below the same one.
-- Columns: span ids. hidden: another span of the same call is the one to bill; outer: the run (R1) has a
--          candidate further in.
-- Holds:   a call is a leaf that is priced by what it used, no fee. Two are the same when they share the response id, or model and
--          known token counts and the inner one's time lies inside the outer one's. Of those on one path the innermost that has
--          a cost stays; if none has, the innermost. Fees by the same price of a tool are one call where the inner one lies within the
--          time of the outer one and nothing between them makes a call, has a fee or is an agent; so are those of a chain of such.
CREATE TABLE {nested:Identifier} ENGINE = Memory AS
WITH
    arrayMap((usage, source, fee) -> usage = 'leaf' AND source != 'none' AND NOT fee, s.usage, s.cost_source, s.is_fee) AS is_call,
    -- Only a call that shares with another what makes two the same is looked at: with deep chains of calls that would be too many.
    (keys) -> arrayMap(
        (from_first, from_last) -> from_first > 1 OR from_last > 1,
        arrayEnumerateUniq(keys), arrayReverse(arrayEnumerateUniq(arrayReverse(keys)))) AS is_shared,
    arrayMap((it_is, id, i) -> cityHash64(if(it_is, id, ''), if(it_is AND id != '', 0, i)), is_call, s.response_id, arrayEnumerate(s)) AS by_response,
    arrayMap(
        (it_is, name, input, output, i) -> if(
            it_is AND name != '' AND input IS NOT NULL AND output IS NOT NULL, cityHash64(name, ifNull(input, 0), ifNull(output, 0), 0), cityHash64('', 0, 0, i)),
        is_call, s.model, s.input_tokens, s.output_tokens, arrayEnumerate(s)) AS by_work,
    arrayMap(
        (it_is, same_response, same_work, r, i) -> if(it_is AND (same_response OR same_work OR r != 0), toUInt64(i), 0),
        is_call, is_shared(by_response), is_shared(by_work), run, arrayEnumerate(s)) AS own_call,
    arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps, own_call) AS call_from,
    arrayMap((own, p) -> if(own > 0, call_from[p], 0), own_call, parent) AS call_above,
    arrayFilter(pair -> pair.1 > 0 AND pair.2 > 0, arrayZip(own_call, call_above)) AS first_pairs,
    -- How many calls lie above the deepest one: as many steps up find every pair.
    arrayFold(
        (a, _) -> (arrayMap((n, p) -> n + a.1[p], a.1, a.2), arrayMap(p -> a.2[p], a.2)),
        range(toUInt8(ceil(log2(length(s) + 1)))),
        (arrayMap(p -> toUInt64(p > 0), call_above), call_above)).1 AS calls_above,
    (i, a) ->
        (s.response_id[i] != '' AND s.response_id[i] = s.response_id[a])
        OR (s.model[i] != '' AND s.model[i] = s.model[a]
            AND ifNull(s.input_tokens[i] = s.input_tokens[a], false) AND ifNull(s.output_tokens[i] = s.output_tokens[a], false)
            AND s.start_ns[i] >= s.start_ns[a] AND s.end_ns[i] <= s.end_ns[a]) AS same_call,
    arrayFold(
        (found, _) -> (
            arrayFilter(pair -> pair.2 > 0, arrayMap(pair -> (pair.1, call_above[pair.2]), found.1)),
            arrayDistinct(arrayConcat(
                found.2,
                arrayMap(
                    pair -> if(s.cost[pair.1] IS NULL AND s.cost[pair.2] IS NOT NULL, pair.1, pair.2),
                    arrayFilter(pair -> same_call(pair.1, pair.2), found.1)))),
            arrayDistinct(arrayConcat(
                found.3,
                arrayMap(
                    pair -> pair.2,
                    arrayFilter(
                        pair -> run[pair.1] != 0 AND run[pair.1] = run[pair.2] AND candidate[pair.1] AND candidate[pair.2], found.1))))),
        range(arrayMax(calls_above)),
        (first_pairs, emptyArrayUInt64(), emptyArrayUInt64())) AS found,

    -- The tool's fee that tells the same call, next above: what comes first on the way up must be that.
    has(arrayMap(t -> t != 0, s.tool_fee), true) AS any_tool,
    arrayMap(
        (usage, source, agent, i) -> if((usage = 'leaf' AND source != 'none') OR agent != '', toUInt64(i), 0),
        s.usage, s.cost_source, s.agent, arrayEnumerate(s)) AS own_stop,
    arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), if(any_tool, jumps, []), own_stop) AS stop_from,
    arrayMap(
        (tool, p, start, end) -> if(
            tool != 0 AND tool = s.tool_fee[stop_from[p]] AND start >= s.start_ns[stop_from[p]] AND end <= s.end_ns[stop_from[p]],
            stop_from[p], 0),
        s.tool_fee, parent, s.start_ns, s.end_ns) AS told_by,
    arrayFilter(a -> a > 0, told_by) AS outer_fees,
    range(toUInt8(ceil(log2(length(outer_fees) + 1)))) AS told_doublings,
    -- Above a fee with a cost all are hidden; below one, and above any, those without.
    arrayFold(
        (a, _) -> (
            arrayDistinct(arrayConcat(a.1, arrayFilter(x -> x > 0, arrayMap(x -> a.2[x], a.1)))),
            arrayMap(p -> a.2[p], a.2)),
        told_doublings,
        (arrayFilter((a, cost) -> a > 0 AND cost IS NOT NULL, told_by, s.cost), told_by)).1 AS above_priced,
    arrayFold(
        (a, _) -> (arrayMap((below, p) -> below OR a.1[p], a.1, a.2), arrayMap(p -> a.2[p], a.2)),
        told_doublings,
        (arrayMap(a -> a > 0 AND s.cost[a] IS NOT NULL, told_by), told_by)).1 AS below_priced,
    arrayConcat(
        above_priced,
        arrayFilter(a -> s.cost[a] IS NULL, outer_fees),
        arrayFilter((i, below) -> below AND s.cost[i] IS NULL, arrayMap(i -> toUInt64(i), arrayEnumerate(s)), below_priced)) AS hidden_fees
SELECT
    trace_id,
    arrayMap(i -> s.span_id[i], arrayDistinct(arrayConcat(found.2, hidden_fees))) AS hidden,
    arrayMap(i -> s.span_id[i], found.3) AS outer
FROM
(
    SELECT
        trees.trace_id AS trace_id,
        s,
        parent,
        jumps,
        -- Where each span stands among the members of runs, 0: nowhere; see the stage of the trees.
        arrayMap(
            nth -> if(nth > length(members), 0, nth),
            arraySlice(arrayEnumerateDense(arrayConcat(members.1, s.span_id)), length(members) + 1)) AS member_at,
        arrayMap(i -> members.2[i], member_at) AS run,
        arrayMap(i -> members.3[i], member_at) AS candidate
    FROM {trees:Identifier} AS trees
    LEFT JOIN
    (
        SELECT trace_id, groupArray((span_id, run, candidate)) AS members
        FROM {runs:Identifier}
        GROUP BY trace_id
    ) AS runs ON runs.trace_id = trees.trace_id
    WHERE notEmpty(jumps)
)
WHERE notEmpty(first_pairs) OR notEmpty(outer_fees)
