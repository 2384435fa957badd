-- Purpose: which spans are billed, why the others are not, and what an unbilled aggregate says beyond the sum below it (R4).
-- Grain:   trace; columns are arrays over its spans; all of the trees goes on.
-- Columns: billable, amount: of what was used, USD; unobserved_at, unobserved: of the unbilled aggregates with a cost; timed: the span is
--          paid by the second.
-- Holds:   a leaf is billed unless it is a duplicate; an aggregate only where no call and no other such aggregate lies below it, for
--          then it is the only witness. A call that is a duplicate is billed elsewhere, so it is a witness all the same. A fee set
--          by rule (a tool, a person's minute) is none: it is no part of what an aggregate repeats. What is billed here is without
--          the time that own_time bills.
CREATE TABLE {billing:Identifier} ENGINE = Memory AS
WITH
    -- Sums of a value over each span and all below it. Every span hands its sum to its 2^k-th ancestor, k by k; who gets how much
    -- is read off one sorted run of gifts (receiver, 0, value) and receivers (receiver, 1, 0).
    (jump, value) -> arraySort(
        x -> (x.1, x.2),
        arrayConcat(
            arrayMap((p, v) -> (p, 0, if(p = 0, v - v, v)), jump, value),
            arrayMap((i, v) -> (i, 1, v - v), arrayEnumerate(value), value))) AS gifts,
    (gift) -> arrayFilter((sum, is_receiver) -> is_receiver = 1, arrayCumSum(gift.3), gift.2) AS sums_up_to,
    (sum) -> arrayPopFront(arrayDifference(arrayPushFront(sum, 0))) AS differences,
    (ladder, value) -> arrayFold(
        (total, jump) -> arrayMap((t, more) -> t + more, total, differences(sums_up_to(gifts(jump, total)))), ladder, value) AS with_below
SELECT
    trace_id, dirty, s, tags, links, flags, agent, workflow, service, resource, charge, cut, orphan, parent, jumps,
    timed,
    billable,
    amount,
    arrayMap((b, f) -> b AND NOT bitTest(f, 7), billable, flags) AS unpriced,
    arrayMap((b, f) -> bitTest(f, 1) AND NOT b, billable, flags) AS repeats,
    arrayMap((b, f) -> bitTest(f, 0) AND NOT b, billable, flags) AS told_twice,
    arrayFilter((i, r, f) -> r AND bitTest(f, 4), arrayEnumerate(s), repeats, flags) AS unobserved_at,
    arrayMap(i -> s.cost[i] - (all_repeatable[i] - repeatable[i]), unobserved_at) AS unobserved
FROM
(
    SELECT
        *,
        arrayMap((b, f, cost) -> if(b AND bitTest(f, 7), cost, toDecimal128(0, 12)), billable, flags, costs) AS amount,
        arrayMap((f, a) -> if(bitTest(f, 3), toDecimal128(0, 12), a), flags, amount) AS repeatable,
        with_below(ladder, repeatable) AS all_repeatable
    FROM
    (
        SELECT
            *,
            arrayMap(
                (f, nth, own, all) -> (bitTest(f, 0) AND nth > length(duplicate_ids)) OR (own = 1 AND all = 1),
                flags, number, lonely, with_below(ladder, lonely)) AS billable
        FROM
        (
            SELECT
                *,
                arrayMap((f, own, all) -> toInt64(bitTest(f, 1) AND all = own), flags, witness, with_below(ladder, witness)) AS lonely,
                -- A cost that holds the time of the whole span, without it.
                if(
                    NOT has(timed, true),
                    s.cost,
                    arrayMap(
                        (cost, start, end, paid, c) -> if(
                            paid AND joinGet({profiles:String}, 'in_cost', c),
                            cost - CAST(
                                roundBankers(
                                    toDecimal256(ifNull(joinGet({profiles:String}, 'rate', c), toDecimal128(0, 18)), 18)
                                        * toDecimal256(end - start, 0) * toDecimal256('0.000000001', 9),
                                    12)
                                AS Decimal(38, 12)),
                            cost),
                        s.cost, s.start_ns, s.end_ns, timed, s.profile)) AS costs
            FROM
            (
                SELECT
                    trees.*,
                    duplicates.span_ids AS duplicate_ids,
                    -- Duplicates come first in the numbering; see the stage of the trees.
                    if(
                        empty(duplicate_ids),
                        arrayEnumerate(s),
                        arraySlice(arrayEnumerateDense(arrayConcat(duplicate_ids, s.span_id)), length(duplicate_ids) + 1)) AS number,
                    if(arrayExists(f -> bitTest(f, 1), flags), jumps, []) AS ladder,
                    arrayMap(f -> toInt64(bitTest(f, 0) AND NOT bitTest(f, 3)), flags) AS witness,
                    arrayMap(f -> toBool(bitTest(f, 5)), flags) AS timed
                FROM {trees:Identifier} AS trees
                LEFT ANY JOIN {duplicates:Identifier} AS duplicates ON duplicates.trace_id = trees.trace_id
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
