-- Work table: own_time
-- Purpose: What the own time of spans costs that are paid by the second: a second is paid once, where it was spent (R7).
-- Grain: a trace with such a span (trace_id); columns are arrays over its spans
-- Columns:
--     trace_id String: the trace
--     fee Array(Decimal(38, 12)): USD; 0 where there is none
--     unknown Array(Bool): paid by the second, at a rate that is not known
-- Holds: Own time is the span's duration without the union of the nearest spans below it that enter an agent or are paid by the second
--        themselves, as far as they lie within its time. The fee is rounded once, half to even, at the 12th digit. It is billed whatever
--        becomes of what the span used: it is no witness of a call, and no part of what totals repeat (R4).
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
        has_own_time_price, arrayCumSum(has_own_time_price), span.start_ns, span.end_ns, rates) AS fee,
    arrayMap((paid, rate) -> paid AND rate IS NULL, has_own_time_price, rates) AS unknown
FROM
(
    SELECT
        *,
        arrayMap(c -> joinGet({profile_lookup:String}, 'rate', c), span.profile) AS rates,
        arrayCumSum(arrayMap((under_way, step, next) -> if(under_way > 0, next.2 - step.2, 0), arrayCumSum(steps.3), steps, next_steps)) AS gone,
        arrayFilter((until, step, next) -> step.1 != next.1, gone, steps, next_steps) AS gone_until,
        arrayMap((until, before) -> until - before, gone_until, arrayResize(arrayPushFront(gone_until, 0), length(gone_until))) AS gone_of
    FROM
    (
        SELECT
            trace_id, span, has_own_time_price,
            -- Along the time of each, one after the other: how many of its cuts are under way, and until when. All have ended before the
            -- next one's begin, so one running sum serves all. A step of nothing stands for each, so that each has a last one.
            arraySort(arrayConcat(
                arrayMap(away -> (away.1, away.2, 1), aways),
                arrayMap(away -> (away.1, away.3, -1), aways),
                arrayMap(i -> (toUInt64(i), span.start_ns[i], 0), arrayFilter((i, paid) -> paid, arrayEnumerate(span), has_own_time_price)))) AS steps,
            arrayResize(arrayPopFront(steps), length(steps)) AS next_steps
        FROM
        (
            SELECT
                *,
                -- Who is not paid for the time of each starts_loop.
                arrayMap((own, p) -> if(own > 0 AND has_own_time_price[cut_from[p]], cut_from[p], 0), own_cut, parent) AS whose,
                arrayFilter(
                    away -> away.1 > 0 AND away.2 < away.3,
                    arrayMap(
                        (w, start, end) -> (w, greatest(start, span.start_ns[w]), least(end, span.end_ns[w])), whose, span.start_ns, span.end_ns)) AS aways
            FROM
            (
                SELECT
                    trace_id, span, has_own_time_price, parent,
                    arrayMap((e, paid, i) -> if(e OR paid, toUInt64(i), 0), agent_entry, has_own_time_price, arrayEnumerate(span)) AS own_cut,
                    arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps, own_cut) AS cut_from
                FROM {agent_paths:Identifier}
                WHERE to_attribute AND has(has_own_time_price, true)
            )
        )
    )
)
