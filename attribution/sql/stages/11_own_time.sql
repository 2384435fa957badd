-- Purpose: what the own time of spans costs that are paid by the second: a second is paid once, where it was spent (R7).
-- Grain:   trace with such a span; columns are arrays over its spans.
-- Columns: timed: the span is paid by the second; fee: USD, NULL where it is not, or where the rate is unknown.
-- Holds:   own time is the span's duration less the union of the nearest spans below it that enter an agent or are paid by the second
--          themselves, as far as they lie within its time. It is rounded once, half to even, at the 12th digit. The fee is billed
--          whatever becomes of what the span used: it is no witness, and no part of what totals repeat (R4).
CREATE TABLE {own_time:Identifier} ENGINE = Memory AS
WITH
    arrayMap((e, t, i) -> if(e OR t, toUInt64(i), 0), agent_entry, s.timed, arrayEnumerate(s)) AS own_cut,
    arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps, own_cut) AS cut_from,
    -- Who is not paid for the time of each cut.
    arrayMap((own, p) -> if(own > 0 AND s.timed[cut_from[p]], cut_from[p], 0), own_cut, parent) AS whose,
    arrayFilter(
        away -> away.1 > 0 AND away.2 < away.3,
        arrayMap(
            (w, start, end) -> (w, greatest(start, s.start_ns[w]), least(end, s.end_ns[w])), whose, s.start_ns, s.end_ns)) AS aways,
    -- Along the time of each, one after the other: how many of its cuts are under way, and until when. All have ended before the next
    -- one's begin, so one running sum serves all. A step of nothing stands for each, so that each has a last one.
    arrayFilter((i, t) -> t, arrayEnumerate(s), s.timed) AS timed_at,
    arraySort(arrayConcat(
        arrayMap(away -> (away.1, away.2, 1), aways),
        arrayMap(away -> (away.1, away.3, -1), aways),
        arrayMap(i -> (toUInt64(i), s.start_ns[i], 0), timed_at))) AS steps,
    arrayResize(arrayPopFront(steps), length(steps)) AS next_steps,
    arrayCumSum(arrayMap((under_way, step, next) -> if(under_way > 0, next.2 - step.2, 0), arrayCumSum(steps.3), steps, next_steps)) AS gone,
    arrayFilter((until, step, next) -> step.1 != next.1, gone, steps, next_steps) AS gone_until,
    arrayMap((until, before) -> until - before, gone_until, arrayResize(arrayPushFront(gone_until, 0), length(gone_until))) AS gone_of,
    arrayMap(
        (t, away_ns) -> CAST(
            roundBankers(
                toDecimal256(t.rate, 18)
                    * toDecimal256(toInt64(t.duration_ns) - away_ns, 0) * toDecimal256('0.000000001', 9),
                12)
            AS Nullable(Decimal(38, 12))),
        times, gone_of) AS fees
SELECT
    trace_id,
    s.timed AS timed,
    arrayMap((t, nth) -> if(t, fees[nth], NULL), s.timed, arrayCumSum(s.timed)) AS fee
FROM {trees:Identifier} AS trees
INNER JOIN {paths:Identifier} AS paths ON paths.trace_id = trees.trace_id
WHERE dirty AND notEmpty(times)
