-- Work table: own_time
-- Purpose: The cost of the own time of spans that are paid by the second. A second is paid once, where it was spent (R7).
-- Grain: a trace with such a span (trace_id); columns are arrays over its spans
-- Needs: own_time
-- Columns:
--     trace_id String: the trace
--     fee Array(Decimal(38, 12)): USD; 0 where there is none
--     unknown Array(Bool): paid by the second, at a rate that is not known
-- Holds: The own time of a span is its duration without the union of its cuts. A cut is one of the nearest spans below it that enter an
--        agent or are paid by the second themselves, and whose senders may charge the span's, as far as it lies within the span's time. The fee is rounded once, half to even, at
--        the 12th digit. It is billed whether or not what the span used is billed: it records no call, and totals do not repeat it (R4).
SELECT
    trace_id,
    arrayMap(
        (paid, nth, start, end, rate) -> if(
            paid,
            CAST(
                roundBankers(
                    toDecimal256(ifNull(rate, toDecimal128(0, 18)), 18)
                        * toDecimal256(end - start - cut_time[nth], 0) * toDecimal256('0.000000001', 9),
                    12)
                AS Decimal(38, 12)),
            toDecimal128(0, 12)),
        has_own_time_price, arrayCumSum(has_own_time_price), span.start_ns, span.end_ns, rates) AS fee,
    arrayMap((paid, rate) -> paid AND rate IS NULL, has_own_time_price, rates) AS unknown
FROM
(
    SELECT
        *,
        arrayMap(profile -> joinGet({profile_lookup:String}, 'rate', profile), span.profile) AS rates,
        arrayCumSum(arrayMap((under_way, step, next) -> if(under_way > 0, next.2 - step.2, 0), arrayCumSum(steps.3), steps, next_steps)) AS running_cut_time,
        arrayFilter((until, step, next) -> step.1 != next.1, running_cut_time, steps, next_steps) AS cut_time_until,
        arrayMap((until, before) -> until - before, cut_time_until, arrayResize(arrayPushFront(cut_time_until, 0), length(cut_time_until))) AS cut_time
    FROM
    (
        SELECT
            trace_id, span, has_own_time_price,
            -- The starts and ends of the cuts, span by span in the order of time. A running sum counts the cuts that are under way. All
            -- cuts of a span end before those of the next one begin, so one sum serves all spans. Each span has one step without a cut,
            -- so that each has a last step.
            arraySort(arrayConcat(
                arrayMap(cut -> (cut.1, cut.2, 1), cuts),
                arrayMap(cut -> (cut.1, cut.3, -1), cuts),
                arrayMap(i -> (toUInt64(i), span.start_ns[i], 0), arrayFilter((i, paid) -> paid, arrayEnumerate(span), has_own_time_price)))) AS steps,
            arrayResize(arrayPopFront(steps), length(steps)) AS next_steps
        FROM
        (
            SELECT
                *,
                -- The span that is not paid for the time of each cut, 0: none.
                arrayMap((own, p) -> if(own > 0 AND has_own_time_price[cut_from[p]], cut_from[p], 0), own_cut, parent) AS cut_span,
                arrayFilter(
                    cut -> cut.1 > 0 AND cut.2 < cut.3,
                    arrayMap(
                        (w, start, end) -> (w, greatest(start, span.start_ns[w]), least(end, span.end_ns[w])), cut_span, span.start_ns, span.end_ns)) AS cuts
            FROM
            (
                SELECT
                    trace_id, span, has_own_time_price,
                    if(empty(granted_parent), agent_paths.parent, granted_parent) AS parent,
                    arrayMap((e, paid, i) -> if(e OR paid, toUInt64(i), 0), agent_entry, has_own_time_price, arrayEnumerate(span)) AS own_cut,
                    arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), if(empty(granted_parent), jumps, granted_jumps), own_cut) AS cut_from
                FROM {agent_paths:Identifier} AS agent_paths
                WHERE to_attribute AND has(has_own_time_price, true)
            )
        )
    )
)
