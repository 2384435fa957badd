-- Work table: billing
-- Purpose: Which spans are billed, why the others are not, and what an unbilled aggregate says beyond the sum below it (R4).
-- Grain: a trace (trace_id); columns are arrays over its spans
-- Carries: the columns of trees but tool, response_and_counts, model_and_counts
-- Columns:
--     has_own_time_price Array(Bool): the span is paid by the second
--     billable Array(UInt8): billed for what it used
--     amount Array(Decimal(38, 12)): USD billed for what it used, without the time that `own_time` bills
--     unpriced Array(UInt8): billed, and the cost is not known
--     is_unbilled_aggregate Array(UInt8): an aggregate that repeats calls below it
--     is_duplicate Array(UInt8): a leaf that another span is billed for
--     unobserved_at Array(UInt32): indices of the unbilled aggregates with a cost
--     unobserved Array(Decimal(38, 12)): USD that each of them says beyond the sum below it
-- Holds: A leaf is billed unless it is a duplicate. An aggregate is billed only where no call and no other such aggregate lies below it:
--        then no other span records the cost. A duplicate counts as a call here, because its call is billed elsewhere. A fee set by a rule
--        (a tool, a person's minute) does not count as a call: an aggregate does not repeat it.
WITH
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
        (total, jump) -> arrayMap((t, more) -> t + more, total, differences(sums_up_to(transfers(jump, total)))), jumps_up, value) AS with_below
SELECT
    trace_id, to_attribute, span, span_dimensions, links, flags, agent, workflow, service, resource, charge, starts_loop, orphan, parent, jumps,
    has_own_time_price,
    billable,
    amount,
    arrayMap((b, f) -> b AND NOT bitTest(f, 7), billable, flags) AS unpriced,
    arrayMap((b, f) -> bitTest(f, 1) AND NOT b, billable, flags) AS is_unbilled_aggregate,
    arrayMap((b, f) -> bitTest(f, 0) AND NOT b, billable, flags) AS is_duplicate,
    arrayFilter((i, r, f) -> r AND bitTest(f, 4), arrayEnumerate(span), is_unbilled_aggregate, flags) AS unobserved_at,
    arrayMap(i -> span.cost[i] - (all_repeatable[i] - repeatable[i]), unobserved_at) AS unobserved
FROM
(
    SELECT
        *,
        arrayMap((b, f, cost) -> if(b AND bitTest(f, 7), cost, toDecimal128(0, 12)), billable, flags, costs) AS amount,
        arrayMap((f, a) -> if(bitTest(f, 3), toDecimal128(0, 12), a), flags, amount) AS repeatable,
        with_below(jumps_up, repeatable) AS all_repeatable
    FROM
    (
        SELECT
            *,
            arrayMap(
                (f, nth, own, all) -> (bitTest(f, 0) AND nth > length(duplicate_ids)) OR (own = 1 AND all = 1),
                flags, number, is_aggregate_alone, with_below(jumps_up, is_aggregate_alone)) AS billable
        FROM
        (
            SELECT
                *,
                arrayMap((f, own, all) -> toInt64(bitTest(f, 1) AND all = own), flags, is_call, with_below(jumps_up, is_call)) AS is_aggregate_alone,
                -- Where the cost holds the time of the whole span, that time is taken out.
                if(
                    NOT has(has_own_time_price, true),
                    span.cost,
                    arrayMap(
                        (cost, start, end, paid, profile) -> if(
                            paid AND joinGet({profile_lookup:String}, 'in_cost', profile),
                            cost - CAST(
                                roundBankers(
                                    toDecimal256(ifNull(joinGet({profile_lookup:String}, 'rate', profile), toDecimal128(0, 18)), 18)
                                        * toDecimal256(end - start, 0) * toDecimal256('0.000000001', 9),
                                    12)
                                AS Decimal(38, 12)),
                            cost),
                        span.cost, span.start_ns, span.end_ns, has_own_time_price, span.profile)) AS costs
            FROM
            (
                SELECT
                    trees.*,
                    duplicates.span_ids AS duplicate_ids,
                    -- Duplicates are numbered before the spans; see the stage of the trees.
                    if(
                        empty(duplicate_ids),
                        arrayEnumerate(span),
                        arraySlice(arrayEnumerateDense(arrayConcat(duplicate_ids, span.span_id)), length(duplicate_ids) + 1)) AS number,
                    if(arrayExists(f -> bitTest(f, 1), flags), jumps, []) AS jumps_up,
                    arrayMap(f -> toInt64(bitTest(f, 0) AND NOT bitTest(f, 3)), flags) AS is_call,
                    arrayMap(f -> toBool(bitTest(f, 5)), flags) AS has_own_time_price
                FROM {trees:Identifier} AS trees
                LEFT ANY JOIN {duplicates:Identifier} AS duplicates ON duplicates.trace_id = trees.trace_id
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
