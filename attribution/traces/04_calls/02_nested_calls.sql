-- Work table: nested_calls
-- Purpose: Calls that a span above or below records once more: a framework's span around the provider's, an MCP client's around the
--          server's (R4).
-- Grain: a trace in which a call lies below another, or a tool's fee right below the same one (trace_id)
-- Columns:
--     trace_id String: the trace
--     not_billed Array(String): ids of spans whose call another span of the path is billed for
--     outer Array(String): ids of spans that share a response with a span further in that may be billed
-- Holds: A call is a leaf that is priced by what it used, and no fee. Two spans record the same call when they share the response id, or
--        when they share the model's plain name and known token counts and the inner one's time lies inside the outer one's. On one path
--        the span is billed that knows most: a cost goes before all else (attribution/prices/knowledge.py). Of those that know the same
--        the innermost is billed. Fees by the same price of a tool are one call where the inner one lies within the time of the outer one
--        and no call, fee or agent is between them. So are all fees of a chain of such pairs.
WITH
    -- The nearest span at or above each span that has a property.
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest,
    (keys) -> arrayMap(
        (from_first, from_last) -> from_first > 1 OR from_last > 1,
        arrayEnumerateUniq(keys), arrayReverse(arrayEnumerateUniq(arrayReverse(keys)))) AS is_shared
SELECT
    trace_id,
    arrayMap(i -> span.span_id[i], arrayDistinct(arrayConcat(state.2, not_billed_fees))) AS not_billed,
    arrayMap(i -> span.span_id[i], state.3) AS outer
FROM
(
    SELECT
        trace_id, span, outer_fees, first_pairs,
        arrayFold(
            (state, _) -> (
                arrayFilter(pair -> pair.2 > 0, arrayMap(pair -> (pair.1, call_above[pair.2]), state.1)),
                arrayDistinct(arrayConcat(
                    state.2,
                    arrayMap(
                        pair -> if(rank[pair.1] < rank[pair.2], pair.1, pair.2),
                        arrayFilter(
                            pair -> (span.response_hash[pair.1] != 0 AND span.response_hash[pair.1] = span.response_hash[pair.2])
                                OR (model_and_counts[pair.1] != 0 AND model_and_counts[pair.1] = model_and_counts[pair.2]
                                    AND span.start_ns[pair.1] >= span.start_ns[pair.2] AND span.end_ns[pair.1] <= span.end_ns[pair.2]),
                            state.1)))),
                arrayDistinct(arrayConcat(
                    state.3,
                    arrayMap(
                        pair -> pair.2,
                        arrayFilter(
                            pair -> call_group[pair.1] != 0 AND call_group[pair.1] = call_group[pair.2]
                                AND may_be_billed[pair.1] AND may_be_billed[pair.2],
                            state.1))))),
            range(arrayMax(calls_above)),
            (first_pairs, emptyArrayUInt64(), emptyArrayUInt64())) AS state,
        arrayConcat(
            above_priced,
            arrayFilter(fee -> NOT is_priced[fee], outer_fees),
            arrayFilter((i, below) -> below AND NOT is_priced[i], arrayMap(i -> toUInt64(i), arrayEnumerate(is_priced)), below_priced)) AS not_billed_fees
    FROM
    (
        SELECT
            *,
            arrayFilter(pair -> pair.1 > 0 AND pair.2 > 0, arrayZip(own_call, call_above)) AS first_pairs,
            -- The number of calls above each call. As many steps up as the largest of them find every pair of calls on one path.
            arrayFold(
                (counts, _) -> (arrayMap((n, p) -> n + counts.1[p], counts.1, counts.2), arrayMap(p -> counts.2[p], counts.2)),
                range(toUInt8(ceil(log2(length(span) + 1)))),
                (arrayMap(p -> toUInt64(p > 0), call_above), call_above)).1 AS calls_above,
            arrayFilter(fee -> fee > 0, outer_fee) AS outer_fees,
            range(toUInt8(ceil(log2(length(outer_fees) + 1)))) AS fee_doublings,
            -- Not billed are all fees above a fee with a cost, and those without a cost that are below a fee with a cost or above any fee.
            arrayFold(
                (fees, _) -> (
                    arrayDistinct(arrayConcat(fees.1, arrayFilter(fee -> fee > 0, arrayMap(fee -> fees.2[fee], fees.1)))),
                    arrayMap(p -> fees.2[p], fees.2)),
                fee_doublings,
                (arrayFilter((fee, priced) -> fee > 0 AND priced, outer_fee, is_priced), outer_fee)).1 AS above_priced,
            arrayFold(
                (fees, _) -> (arrayMap((below, p) -> below OR fees.1[p], fees.1, fees.2), arrayMap(p -> fees.2[p], fees.2)),
                fee_doublings,
                (arrayMap(fee -> fee > 0 AND is_priced[fee], outer_fee), outer_fee)).1 AS below_priced
        FROM
        (
            SELECT
                *,
                arrayMap((own, p) -> if(own > 0, call_from[p], 0), own_call, parent) AS call_above,
                -- The fee above that records the same call of a tool: it must be the first call, fee or agent on the way up.
                arrayMap(
                    (fee, p, start, end) -> if(
                        fee != 0 AND fee = tool[stop_from[p]] AND start >= span.start_ns[stop_from[p]] AND end <= span.end_ns[stop_from[p]],
                        stop_from[p], 0),
                    tool, parent, span.start_ns, span.end_ns) AS outer_fee
            FROM
            (
                SELECT
                    suspects.trace_id AS trace_id, span, parent, model_and_counts, tool, call_group, may_be_billed,
                    -- Of two spans of one call the one with the higher rank is billed; fees have none.
                    arrayMap(profile -> joinGet({profile_lookup:String}, 'rank', profile), span.profile) AS rank,
                    arrayMap(f -> bitTest(f, 4), flags) AS is_priced,
                    -- The position of each span among those that share a response, 0: none; see the stage of the trees.
                    arrayMap(
                        nth -> if(nth > length(sharers), 0, nth),
                        arraySlice(arrayEnumerateDense(arrayConcat(sharers.1, span.span_id)), length(sharers) + 1)) AS member_at,
                    arrayMap(i -> sharers.2[i], member_at) AS call_group,
                    arrayMap(i -> sharers.3[i], member_at) AS may_be_billed,
                    arrayMap((has_twin, shared, i) -> if(has_twin OR shared != 0, toUInt64(i), 0), has_twin, call_group, arrayEnumerate(span)) AS own_call,
                    nearest(jumps, own_call) AS call_from,
                    arrayMap(
                        (f, a, i) -> if(bitTest(f, 2) OR bitTest(f, 6) OR a != 0, toUInt64(i), 0),
                        flags, agent, arrayEnumerate(span)) AS own_stop,
                    nearest(if(has_fees, jumps, []), own_stop) AS stop_from
                FROM
                (
                    SELECT
                        trace_id, span, flags, agent, tool, model_and_counts, parent, jumps,
                        -- Only calls that share a response id, or model and counts, with another one are compared. Deep chains of calls
                        -- have too many pairs.
                        arrayMap(
                            (f, same_response, same_work) -> bitTest(f, 2) AND (same_response OR same_work),
                            flags,
                            is_shared(arrayMap((f, id, i) -> if(bitTest(f, 2) AND id != 0, id, toUInt64(i)), flags, span.response_hash, arrayEnumerate(span))),
                            is_shared(arrayMap((w, i) -> if(w != 0, w, toUInt64(i)), model_and_counts, arrayEnumerate(span)))) AS has_twin,
                        arrayCount(fee -> fee != 0, tool) > 1 AS has_fees
                    FROM {trees:Identifier}
                    WHERE notEmpty(jumps) AND (has_fees OR has(has_twin, true) OR trace_id IN (SELECT trace_id FROM {shared_responses:Identifier}))
                ) AS suspects
                LEFT ANY JOIN
                (
                    SELECT trace_id, groupArray((span_id, call_group, may_be_billed)) AS sharers
                    FROM {shared_responses:Identifier}
                    GROUP BY trace_id
                ) AS sharing ON sharing.trace_id = suspects.trace_id
            )
        )
    )
)
WHERE notEmpty(first_pairs) OR notEmpty(outer_fees)
