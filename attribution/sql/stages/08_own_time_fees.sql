-- Purpose: what the own time of spans costs that are paid by the second: a second is paid once, where it was spent (R7).
-- Grain:   trace with such a span; columns are arrays over its spans.
-- Columns: fee: USD, 0 where there is none; unknown: the span is paid by the second, at a rate that is not known.
-- Holds:   own time is the span's duration less the union of the nearest spans below it that enter an agent or are paid by the second
--          themselves, as far as they lie within its time. It is rounded once, half to even, at the 12th digit. The fee is billed
--          whatever becomes of what the span used: it is no witness, and no part of what totals repeat (R4).
INSERT INTO {own_time:Identifier}
SELECT
    trace_id,
    arrayMap(
        (paid, nth, start, end, rate) -> if(
            paid,
            CAST(
                roundBankers(
                    toDecimal256(ifNull(rate, toDecimal128(0, 18)), 18)
                        * toDecimal256(end - start - gone_of[nth], 0) * toDecimal256('0.000000001', 9),
                    12)
                AS Decimal(38, 12)),
            toDecimal128(0, 12)),
        timed, arrayCumSum(timed), s.start_ns, s.end_ns, rates) AS fee,
    arrayMap((paid, rate) -> paid AND rate IS NULL, timed, rates) AS unknown
FROM
(
    SELECT
        *,
        arrayMap(c -> joinGet({profiles:String}, 'rate', c), s.profile) AS rates,
        arrayCumSum(arrayMap((under_way, step, next) -> if(under_way > 0, next.2 - step.2, 0), arrayCumSum(steps.3), steps, next_steps)) AS gone,
        arrayFilter((until, step, next) -> step.1 != next.1, gone, steps, next_steps) AS gone_until,
        arrayMap((until, before) -> until - before, gone_until, arrayResize(arrayPushFront(gone_until, 0), length(gone_until))) AS gone_of
    FROM
    (
        SELECT
            trace_id, s, timed,
            -- Along the time of each, one after the other: how many of its cuts are under way, and until when. All have ended before the
            -- next one's begin, so one running sum serves all. A step of nothing stands for each, so that each has a last one.
            arraySort(arrayConcat(
                arrayMap(away -> (away.1, away.2, 1), aways),
                arrayMap(away -> (away.1, away.3, -1), aways),
                arrayMap(i -> (toUInt64(i), s.start_ns[i], 0), arrayFilter((i, paid) -> paid, arrayEnumerate(s), timed)))) AS steps,
            arrayResize(arrayPopFront(steps), length(steps)) AS next_steps
        FROM
        (
            SELECT
                *,
                -- Who is not paid for the time of each cut.
                arrayMap((own, p) -> if(own > 0 AND timed[cut_from[p]], cut_from[p], 0), own_cut, parent) AS whose,
                arrayFilter(
                    away -> away.1 > 0 AND away.2 < away.3,
                    arrayMap(
                        (w, start, end) -> (w, greatest(start, s.start_ns[w]), least(end, s.end_ns[w])), whose, s.start_ns, s.end_ns)) AS aways
            FROM
            (
                SELECT
                    trace_id, s, timed, parent,
                    arrayMap((e, paid, i) -> if(e OR paid, toUInt64(i), 0), agent_entry, timed, arrayEnumerate(s)) AS own_cut,
                    arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps, own_cut) AS cut_from
                FROM {paths:Identifier}
                WHERE dirty AND has(timed, true)
            )
        )
    )
)
