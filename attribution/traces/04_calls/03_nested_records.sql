-- Work table: nested_records
-- Purpose: Records that lie below others on a path: which of them tell one call, and which repeat the calls below them (R1, R4).
-- Grain: a trace in which a record may tell the call of the nearest record above, or the sum of those directly below (trace_id)
-- Needs: suspects
-- Columns:
--     trace_id String: the trace
--     totals Array(UInt32): indices of the records whose counts are the sum of two or more records directly below; they tell no call
--     joined Array(Tuple(at UInt32, top UInt32, level UInt32)): indices of the records that tell one call with another one of their path, of
--         the topmost record of that call, and how many of its records are above
-- Holds: Totals are found first. A record that tells the same as a total right below it is a total too. Of the others, two tell one call
--        when one is the nearest record above the other, no span of a tool or agent is between, they are near, and they have one response
--        id; or they have no two, one model and compatible counts; or the lower one is a gateway's in another service, with compatible
--        counts. A record takes at most one below it, and one more of a gateway in another service: the first with its response id, else the
--        last.
WITH
    -- The nearest span at or above each span that has a property.
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest,
    -- Of places in a list: whether each index is among them. Places are numbered before the indices; see the stage of the trees.
    (places, indices) -> if(
        empty(places),
        arrayMap(_ -> false, indices),
        arrayMap(
            nth -> nth <= length(places),
            arraySlice(arrayEnumerateDense(arrayConcat(arrayDistinct(places), indices)), length(arrayDistinct(places)) + 1))) AS is_among,
    -- Counts agree where one is not told, or they differ by 2 or by 1 % of the larger at most.
    (a, b) -> a < 0 OR b < 0 OR abs(a - b) <= greatest(2, intDiv(greatest(a, b), 100)) AS agree,
    (i, p) -> agree(span.input[i], span.input[p]) AND agree(span.output[i], span.output[p])
        AND agree(span.cache_read[i], span.cache_read[p]) AND agree(span.cache_write[i], span.cache_write[p])
        AND agree(span.reasoning[i], span.reasoning[p]) AS are_compatible,
    -- Hosts have clocks of their own.
    (i, p) -> if(service[i] = service[p] AND sender[i] = sender[p], 10000000, 2000000000) AS tolerance_ns,
    -- What a sender tells is another one's call only where it is a gateway; below a gateway's record, that of the sender above it (R16).
    (i, p) -> bitTest(flags[i], 11) OR sender_from[p] IN (0, sender[i]) AS may_be_one,
    (i, p) -> span.start_ns[i] <= span.end_ns[p] + tolerance_ns(i, p) AND span.start_ns[p] <= span.end_ns[i] + tolerance_ns(i, p) AS are_near,
    (i, p) -> span.response_hash[i] != 0 AND span.response_hash[i] = span.response_hash[p] AS have_one_id,
    (i, p) -> span.response_hash[i] != 0 AND span.response_hash[p] != 0 AND span.response_hash[i] != span.response_hash[p] AS have_two_ids,
    (i, p) -> model[i] = 0 OR model[p] = 0 OR model[i] = model[p] OR (price[i] != 0 AND price[i] = price[p]) AS have_one_model,
    (i, p) -> bitTest(flags[i], 8) AND service[i] != service[p] AS is_gateways,
    -- In arrays that are sorted by a key: where the run of each key ends.
    (keys) -> arrayFilter((at, key, next) -> key != next, arrayEnumerate(keys), keys, arrayResize(arrayPopFront(keys), length(keys))) AS ends_of_runs,
    (told, sum) -> told < 0 OR sum = 0 OR abs(told - sum) <= greatest(2, intDiv(greatest(told, toInt64(sum)), 100)) AS agrees_with_sum
SELECT
    trace_id,
    arrayMap(i -> toUInt32(i), totals) AS totals,
    arrayMap(
        i -> (toUInt32(i), toUInt32(climbed.1[i]), toUInt32(climbed.2[i])), arrayDistinct(arrayConcat(chosen.2, chosen.1))) AS joined
FROM
(
    SELECT
        *,
        -- The topmost record that the steps up have reached, and their number.
        arrayFold(
            (state, _) -> (arrayMap(i -> state.1[i], state.1), arrayMap((steps, i) -> steps + state.2[i], state.2, state.1)),
            range(toUInt8(ceil(log2(length(chosen) + 1)))),
            (one_up, arrayMap((u, i) -> toUInt64(u != i), one_up, arrayEnumerate(one_up)))) AS climbed
    FROM
    (
        SELECT
            *,
            arrayMap((i, u, is_one) -> if(is_one, u, toUInt64(i)), arrayEnumerate(upper), upper, is_among(chosen.2, arrayEnumerate(upper))) AS one_up
        FROM
        (
            SELECT
                *,
                arrayMap(at -> (candidates.1[at], candidates.2[at]), ends_of_runs(arrayMap((u, g) -> 2 * u + g, candidates.1, candidates.4))) AS chosen
            FROM
            (
                SELECT
                    *,
                    arraySort(
                        candidate -> (candidate.1, candidate.4, candidate.3, if(candidate.3, -toInt64(candidate.2), toInt64(candidate.2))),
                        arrayMap(
                            pair -> (pair.1, pair.2, have_one_id(pair.2, pair.1), is_gateways(pair.2, pair.1)),
                            arrayFilter(
                                pair -> may_be_one(pair.2, pair.1) AND are_near(pair.2, pair.1)
                                    AND (have_one_id(pair.2, pair.1)
                                        OR (are_compatible(pair.2, pair.1)
                                            AND (is_gateways(pair.2, pair.1) OR (NOT have_two_ids(pair.2, pair.1) AND have_one_model(pair.2, pair.1))))),
                                below_others))) AS candidates
                FROM
                (
                    SELECT
                        *,
                        arrayFilter(pair -> pair.1 > 0, arrayMap((i, u) -> (u, toUInt64(i)), arrayEnumerate(upper), upper)) AS below_others
                    FROM
                    (
                        SELECT
                            *,
                            arrayMap((o, p) -> if(o > 0, intDiv(met[p], 2), 0), untotalled, parent) AS upper
                        FROM
                        (
                            SELECT
                                *,
                                -- What is met on the way up: a record, by twice its index, or a span of a tool or agent, by 1.
                                nearest(
                                    jumps,
                                    arrayMap(
                                        (o, f, a, p) -> multiIf(o > 0, 2 * o, NOT bitTest(f, 2) AND (bitTest(f, 9) OR (a != 0 AND a != agent_from[p])), 1, 0),
                                        untotalled, flags, agent, parent)) AS met
                            FROM
                            (
                                SELECT
                                    *,
                                    arrayMap((own, is_one) -> if(is_one, 0, own), own_record, is_among(totals, arrayEnumerate(span))) AS untotalled,
                                    nearest(jumps, agent) AS agent_from
                                FROM
                                (
                                    SELECT
                                        *,
                                        arrayFold(
                                            (found, _) -> (
                                                arrayDistinct(arrayConcat(found.1, arrayFilter(i -> i > 0, arrayMap(i -> found.2[i], found.1)))),
                                                arrayMap(p -> found.2[p], found.2)),
                                            range(if(empty(sums_below), 0, toUInt8(ceil(log2(length(pairs) + 1))))),
                                            (sums_below, told_above)).1 AS totals
                                    FROM
                                    (
                                        SELECT
                                            *,
                                            -- The record right above each that tells the same as it does.
                                            if(
                                                empty(sums_below),
                                                [],
                                                arrayMap(
                                                    (own, u) -> if(
                                                        own > 0 AND u > 0 AND span.tokens[own] > 0 AND span.tokens[u] > 0 AND may_be_one(own, u) AND have_one_model(own, u)
                                                            AND NOT have_two_ids(own, u) AND are_near(own, u) AND are_compatible(own, u),
                                                        u, 0),
                                                    own_record, arrayMap((own, p) -> if(own > 0, record_from[p], 0), own_record, parent))) AS told_above
                                        FROM
                                        (
                                            SELECT
                                                *,
                                                arrayMap(
                                                    sum -> sum.1,
                                                    arrayFilter(
                                                        sum -> span.tokens[sum.1] > 0
                                                            AND agrees_with_sum(span.input[sum.1], sum.2) AND agrees_with_sum(span.output[sum.1], sum.3)
                                                            AND agrees_with_sum(span.cache_read[sum.1], sum.4) AND agrees_with_sum(span.cache_write[sum.1], sum.5)
                                                            AND agrees_with_sum(span.reasoning[sum.1], sum.6)
                                                            AND ((span.input[sum.1] > 0 AND sum.2 > 0) OR (span.output[sum.1] > 0 AND sum.3 > 0)),
                                                        sums)) AS sums_below
                                            FROM
                                            (
                                                SELECT
                                                    *,
                                                    arrayMap(
                                                        (start, end) -> (
                                                            of_one_model.1[end],
                                                            arraySum(arraySlice(counts.1, start, end - start + 1)), arraySum(arraySlice(counts.2, start, end - start + 1)),
                                                            arraySum(arraySlice(counts.3, start, end - start + 1)), arraySum(arraySlice(counts.4, start, end - start + 1)),
                                                            arraySum(arraySlice(counts.5, start, end - start + 1))),
                                                        arrayFilter((start, end) -> end > start, arrayMap(end -> end + 1, arrayResize(arrayPushFront(ends, 0), length(ends))), ends),
                                                        arrayFilter((end, start) -> end > start, ends, arrayMap(end -> end + 1, arrayResize(arrayPushFront(ends, 0), length(ends))))) AS sums
                                                FROM
                                                (
                                                    SELECT
                                                        *,
                                                        arrayMap(
                                                            pair -> (
                                                                greatest(span.input[pair.2], 0), greatest(span.output[pair.2], 0), greatest(span.cache_read[pair.2], 0),
                                                                greatest(span.cache_write[pair.2], 0), greatest(span.reasoning[pair.2], 0)),
                                                            of_one_model) AS counts,
                                                        ends_of_runs(of_one_model.1) AS ends
                                                    FROM
                                                    (
                                                        SELECT
                                                            *,
                                                            nearest(jumps, arrayMap((f, s) -> if(bitTest(f, 11), toUInt64(0), s), flags, sender)) AS sender_from,
                                                            -- (the record above, the record), sorted: those of one record above follow each other.
                                                            arraySort(arrayFilter(
                                                                pair -> span.tokens[pair.2] > 0 AND may_be_one(pair.2, pair.1) AND have_one_model(pair.2, pair.1),
                                                                pairs)) AS of_one_model
                                                        FROM
                                                        (
                                                            SELECT
                                                                *,
                                                                arrayMap(profile -> joinGet({profile_lookup:String}, 'model', profile), span.profile) AS model,
                                                                arrayMap(profile -> joinGet({profile_lookup:String}, 'price', profile), span.profile) AS price,
                                                                arrayMap(profile -> joinGet({profile_lookup:String}, 'sender', profile), span.profile) AS sender
                                                            FROM
                                                            (
                                                                SELECT
                                                                    trace_id, span, flags, agent, service, parent, jumps,
                                                                    arrayMap((f, i) -> if(bitTest(f, 2), toUInt64(i), 0), flags, arrayEnumerate(span)) AS own_record,
                                                                    nearest(jumps, own_record) AS record_from,
                                                                    arrayFilter(pair -> pair.1 > 0, arrayMap((own, p) -> (if(own > 0, record_from[p], 0), own), own_record, parent)) AS pairs
                                                                FROM {trees:Identifier}
                                                                WHERE trace_id IN (SELECT trace_id FROM {suspect_traces:Identifier})
                                                            )
                                                        )
                                                    )
                                                )
                                            )
                                        )
                                    )
                                )
                            )
                        )
                    )
                )
            )
        )
    )
)
WHERE notEmpty(totals) OR notEmpty(chosen)
