-- Work table: unbilled
-- Purpose: What is billed in traces where a leaf may not be: with aggregates, with calls that several records tell, or with fees that are
--          told twice (R4).
-- Grain: a trace with such spans (trace_id); columns are arrays over its spans
-- Needs: aggregates, suspects, shared_records, several_fees
-- Columns:
--     trace_id String: the trace
--     flags Array(UInt16): flags of the profile; a record that is found to be a total is an aggregate and no record of a call
--     billable Array(UInt8): billed for what it used
--     amount Array(Decimal(38, 12)): USD billed for what it used, without the time that `own_time` bills
--     unpriced Array(UInt8): billed, and the cost is not known
--     is_unbilled_aggregate Array(UInt8): an aggregate that repeats calls below it
--     is_duplicate Array(UInt8): a leaf that another span is billed for
--     unobserved_at Array(UInt32): indices of the unbilled aggregates with a cost
--     unobserved Array(Decimal(38, 12)): USD that each of them says beyond what is billed, or said by such an aggregate, below it
--     is_witness Array(UInt8): what the aggregate says beyond is billed: a call right below it tells no usage, or it is configured so
-- Holds: A leaf is billed unless it is a duplicate. Records of a call that several tell are billed by `homes`; here they are duplicates, and
--        the call counts once for the aggregates above it. An aggregate is billed only where neither a call with a known cost nor a billed
--        aggregate lies below it, and one without a known cost only where neither a call nor an aggregate does. A fee set by a rule (a
--        tool, a person's minute) does not count as a call: an aggregate does not repeat it. Nothing is below what its sender may not charge.
WITH
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest,
    -- Of each index its number in a list of places, 0: it is not there. Places are numbered before the indices; see the stage of the trees.
    (places, indices) -> if(
        empty(places),
        arrayMap(_ -> toUInt64(0), indices),
        arrayMap(
            nth -> toUInt64(if(nth > length(places), 0, nth)),
            arraySlice(arrayEnumerateDense(arrayConcat(places, indices)), length(places) + 1))) AS number_in,
    -- Sums of a value over each span and all spans below it. For each k every span adds its sum to its 2^k-th ancestor. One sorted
    -- array holds the transfers (ancestor, 0, value) and the receivers (span, 1, 0): its running sum is read at the receivers.
    (jump, value) -> arraySort(
        x -> (x.1, x.2),
        arrayConcat(
            arrayMap((p, v) -> (p, 0, if(p = 0, v - v, v)), jump, value),
            arrayMap((i, v) -> (i, 1, v - v), arrayEnumerate(value), value))) AS transfers,
    (transfer) -> arrayFilter((sum, is_receiver) -> is_receiver = 1, arrayCumSum(transfer.3), transfer.2) AS sums_up_to,
    (sum) -> arrayPopFront(arrayDifference(arrayPushFront(sum, 0))) AS differences,
    (jumps_up, value) -> arrayFold(
        (total, jump) -> arrayMap((t, more) -> t + more, total, differences(sums_up_to(transfers(jump, total)))), jumps_up, value) AS with_below,
    (a, b) -> a.trace = b.trace AND if(a.chain = b.chain, b.level > a.level, b.first > a.first AND b.first <= a.last) AS is_above
SELECT
    trace_id,
    flags_found AS flags,
    billable,
    amount,
    unpriced,
    is_unbilled_aggregate,
    is_duplicate,
    unobserved_at,
    if(
        length(unobserved_at) < 2,
        arrayMap(i -> greatest(used_cost[i] - (all_repeatable[i] - repeatable[i]), toDecimal128(0, 12)), unobserved_at),
        -- From the innermost up, each adds what it says beyond to all that is below the next one above.
        arrayMap(
            at_and_usd -> at_and_usd.2,
            arraySort(arrayFold(
                (state, nth) -> (
                    arrayMap(
                        (said, k) -> if(
                            k = number_above[nth],
                            said + state.1[nth] + greatest(beyond_billed[nth] - state.1[nth], toDecimal128(0, 12)),
                            said),
                        state.1, arrayEnumerate(state.1)),
                    arrayPushBack(state.2, (nth, greatest(beyond_billed[nth] - state.1[nth], toDecimal128(0, 12))))),
                from_innermost,
                (
                    arrayMap(_ -> toDecimal128(0, 12), unobserved_at),
                    CAST([], 'Array(Tuple(UInt64, Decimal(38, 12)))')
                )).2))) AS unobserved,
    arrayMap(
        (nth, i) -> nth > 0 OR bitTest(flags_found[i], 13), number_in(witnesses, arrayMap(i -> toUInt64(i), unobserved_at)), unobserved_at) AS is_witness
FROM
(
    SELECT
        *,
        arrayFilter(i -> i > 0, arrayMap((o, r, f) -> if(r AND bitTest(f, 7), toUInt32(o), 0), arrayEnumerate(span), is_unbilled_aggregate, flags)) AS unobserved_at,
        if(empty(unobserved_at), [], jumps_up) AS jumps_of_unobserved,
        -- The nearest aggregate with a known cost at or above each span: it is the one that witnesses the calls below.
        arrayDistinct(arrayFilter(
            i -> i > 0,
            arrayMap(
                (untold, p) -> if(untold AND p > 0, witness_from[p], 0),
                if(empty(unobserved_at), [], is_untold), if(empty(unobserved_at), [], parent)))) AS witnesses,
        nearest(
            jumps_of_unobserved,
            arrayMap((a, f, i) -> if(a AND bitTest(f, 7), toUInt64(i), 0), is_aggregate, flags, arrayEnumerate(span))) AS witness_from,
        if(length(unobserved_at) < 2, [], jumps_up) AS jumps_of_nested,
        nearest(
            jumps_of_nested,
            arrayMap((r, f, i) -> if(r AND bitTest(f, 7), toUInt64(i), 0), is_unbilled_aggregate, flags, arrayEnumerate(span))) AS unobserved_from,
        arrayCumSum(arrayMap((r, f) -> toUInt64(r AND bitTest(f, 7)), is_unbilled_aggregate, flags)) AS numbers_of_unobserved,
        if(
            empty(jumps_of_nested),
            [],
            arrayMap(
                i -> if(parent[i] > 0 AND unobserved_from[parent[i]] > 0, numbers_of_unobserved[unobserved_from[parent[i]]], 0),
                unobserved_at)) AS number_above,
        arrayMap(i -> used_cost[i] - (all_repeatable[i] - repeatable[i]), unobserved_at) AS beyond_billed,
        -- How many of them are above each; and their numbers, those with most above first.
        arrayFold(
            (steps, _) -> (arrayMap((n, up) -> n + steps.1[up], steps.1, steps.2), arrayMap(up -> steps.2[up], steps.2)),
            range(toUInt8(ceil(log2(length(number_above) + 1)))),
            (arrayMap(up -> toUInt64(up > 0), number_above), number_above)).1 AS levels,
        arrayReverseSort(nth -> (levels[nth], nth), arrayMap(nth -> toUInt64(nth), arrayEnumerate(number_above))) AS from_innermost
    FROM
    (
        SELECT
            *,
            arrayMap((f, a) -> if(a AND bitTest(f, 0), toUInt16(f - 5 + 2), f), flags, is_aggregate) AS flags_found,
            arrayMap((b, f, cost) -> if(b AND bitTest(f, 7), cost, toDecimal128(0, 12)), billable, flags, used_cost) AS amount,
            arrayMap((b, f) -> b AND NOT bitTest(f, 7), billable, flags) AS unpriced,
            arrayMap((a, b) -> a AND NOT b, is_aggregate, billable) AS is_unbilled_aggregate,
            arrayMap((f, a, b) -> bitTest(f, 0) AND NOT a AND NOT b, flags, is_aggregate, billable) AS is_duplicate,
            arrayMap(
                (f, a, nth, counts, own) -> multiIf(
                    bitTest(f, 3), toDecimal128(0, 12),
                    nth = 0, own,
                    counts > 0, called.4[nth],
                    toDecimal128(0, 12)),
                flags, is_aggregate, nth_called, is_call, amount) AS repeatable,
            with_below(jumps_up, repeatable) AS all_repeatable
        FROM
        (
            SELECT
                *,
                arrayMap(
                    (f, a, nth, fee, alone, alone_all, unknown, all) -> multiIf(
                        alone = 1, alone_all = 1,
                        unknown = 1, all = 1,
                        a, 0,
                        bitTest(f, 0) AND nth = 0 AND NOT fee),
                    flags, is_aggregate, nth_called, is_fee_told_twice, is_alone, with_below(jumps_up, is_alone),
                    is_unknown, with_below(jumps_of_unknown, arrayMap((a, call) -> toInt64(a OR call), is_aggregate, is_call))) AS billable
            FROM
            (
                SELECT
                    *,
                    -- No call below it has a known cost, so an aggregate with one is billed, if no other such aggregate is below.
                    arrayMap(
                        (a, f, known, known_all) -> toInt64(a AND bitTest(f, 7) AND known_all = known),
                        is_aggregate, flags, is_known, with_below(jumps_up, is_known)) AS is_alone,
                    arrayMap((a, f) -> toInt64(a AND NOT bitTest(f, 7)), is_aggregate, flags) AS is_unknown,
                    if(has(is_unknown, 1), jumps, []) AS jumps_of_unknown
                FROM
                (
                    SELECT
                        *,
                        arrayMap(
                            (f, a, nth) -> bitTest(f, 2) AND NOT a AND (nth = 0 OR called.2[nth]),
                            flags, is_aggregate, nth_called) AS is_call,
                        arrayMap(
                            (call, f, nth) -> toInt64(call AND if(nth = 0, bitTest(f, 7), called.3[nth])), is_call, flags, nth_called) AS is_known,
                        arrayMap(
                            (call, known, f, n, nth) -> call AND NOT known AND NOT if(nth = 0, bitTest(f, 10) OR n > 0, called.5[nth]),
                            is_call, is_known, flags, span.tokens, nth_called) AS is_untold,
                        if(has(is_aggregate, 1), jumps, []) AS jumps_up
                    FROM
                    (
                        SELECT
                            trees.trace_id AS trace_id, span, flags, used_cost, of_trace.called AS called,
                            -- What a sender sent that may not charge the one above it is no part of what that one tells.
                            if(empty(granted_parent), trees.parent, granted_parent) AS parent,
                            if(empty(granted_parent), trees.jumps, granted_jumps) AS jumps,
                            arrayMap((f, nth) -> toUInt8(bitTest(f, 1) OR nth > 0), flags, number_in(nested.totals, arrayEnumerate(span))) AS is_aggregate,
                            number_in(called.1, arrayEnumerate(span)) AS nth_called,
                            arrayMap(nth -> nth > 0, number_in(fees.not_billed, arrayEnumerate(span))) AS is_fee_told_twice
                        FROM {trees:Identifier} AS trees
                        LEFT ANY JOIN {nested_records:Identifier} AS nested ON nested.trace_id = trees.trace_id
                        LEFT ANY JOIN {tool_fees:Identifier} AS fees ON fees.trace_id = trees.trace_id
                        LEFT ANY JOIN
                        (
                            -- (index, the call counts here, its cost is known, USD, a record tells usage). A call with several records in
                            -- a trace counts at the innermost, of several at the first.
                            SELECT
                                record.trace_id AS trace_id,
                                groupArray((
                                    record.at,
                                    record.at = arrayFilter(
                                        a -> a.trace = record.trace AND NOT arrayExists(b -> is_above(a, b), records), records)[1].3,
                                    is_priced, usd, tells_usage)) AS called
                            FROM (SELECT records, is_priced, cost AS usd, tells_usage FROM {calls:Identifier})
                            ARRAY JOIN records AS record
                            GROUP BY trace_id
                        ) AS of_trace ON of_trace.trace_id = trees.trace_id
                        WHERE has(is_aggregate, 1) OR notEmpty(called) OR notEmpty(fees.not_billed)
                    )
                )
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
