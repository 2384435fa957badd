-- Purpose: which spans are billed, why the others are not, and what an unbilled aggregate says beyond the sum below it (R4).
-- Grain:   trace; columns are arrays over its spans.
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
    (sum) -> arrayMap((here, before) -> here - before, sum, arrayPushFront(arrayPopBack(sum), sum[1] - sum[1])) AS differences,
    (ladder, value) -> arrayFold(
        (total, jump) -> arrayMap((t, more) -> t + more, total, differences(sums_up_to(gifts(jump, total)))), ladder, value) AS with_below,

    if(has(s.usage, 'aggregate'), jumps, []) AS ladder,
    -- Duplicates come first in the numbering; see the stage of the trees.
    arraySlice(arrayEnumerateDense(arrayConcat(duplicate_ids, s.span_id)), length(duplicate_ids) + 1) AS number,
    arrayMap((usage, nth) -> usage = 'leaf' AND nth > length(duplicate_ids), s.usage, number) AS leaf_billed,
    arrayMap((usage, fee) -> toInt64(usage = 'leaf' AND NOT fee), s.usage, s.is_fee) AS witness,
    arrayMap((usage, own, all) -> toInt64(usage = 'aggregate' AND all = own), s.usage, witness, with_below(ladder, witness)) AS lonely,
    arrayMap((own, all) -> own = 1 AND all = 1, lonely, with_below(ladder, lonely)) AS aggregate_billed,
    arrayMap((leaf, aggregate) -> leaf OR aggregate, leaf_billed, aggregate_billed) AS billed,
    -- A cost that holds the time of the whole span, without it.
    arrayMap(
        t -> if(
            t.in_cost,
            CAST(
                roundBankers(toDecimal256(t.rate, 18) * toDecimal256(t.duration_ns, 0) * toDecimal256('0.000000001', 9), 12)
                AS Nullable(Decimal(38, 12))),
            toDecimal128(0, 12)),
        times) AS whole_times,
    arrayMap((cost, timed, nth) -> if(timed, cost - whole_times[nth], cost), s.cost, s.timed, arrayCumSum(s.timed)) AS costs,
    arrayMap((b, cost) -> if(b, ifNull(cost, toDecimal128(0, 12)), toDecimal128(0, 12)), billed, costs) AS amounts,
    arrayMap((fee, amount) -> if(fee, toDecimal128(0, 12), amount), s.is_fee, amounts) AS repeatable
SELECT
    trace_id,
    billed AS billable,
    amounts AS amount,
    arrayMap((b, cost) -> b AND cost IS NULL, billed, costs) AS unpriced,
    arrayMap(
        (usage, b) -> multiIf(b OR usage = 'none', '', usage = 'leaf', 'duplicate', 'aggregate'), s.usage, billed) AS unbilled_reason,
    arrayMap(
        (usage, b, cost, own, all) -> if(usage = 'aggregate' AND NOT b, cost - (all - own), NULL),
        s.usage, billed, s.cost, repeatable, with_below(ladder, repeatable)) AS unobserved
FROM
(
    SELECT
        trees.trace_id AS trace_id,
        s,
        times,
        jumps,
        duplicates.span_ids AS duplicate_ids
    FROM {trees:Identifier} AS trees
    LEFT JOIN {duplicates:Identifier} AS duplicates ON duplicates.trace_id = trees.trace_id
)
