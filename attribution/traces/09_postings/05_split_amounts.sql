-- Work table: split_amounts
-- Purpose: The amounts of traces in which a cost is split between initiators, initiator by initiator (R8).
-- Grain: a trace (trace_id)
-- Needs: split_costs
-- Columns:
--     trace_id String: the trace
--     parts Array(Array(Tuple(at UInt32, initiator UInt32, usd Decimal(38, 12)))): three lists: of what spans used, of their own time, and of
--         what aggregates say beyond the calls below them: index of the span, an initiator, and USD that it pays
-- Holds: A cost is split evenly by link, in whole units of the 12th digit that sum to the amount.
SELECT
    trace_id,
    arrayMap(
        amounts -> arrayFilter(
            one -> one.3 != 0,
            arrayFlatten(arrayMap(
                (i, usd, ones) -> if(
                    empty(ones),
                    [(toUInt32(i), initiator[i], usd)],
                    arrayMap(
                        (one, upto) -> (
                            toUInt32(i), one.2,
                            toDecimal128(
                                toDecimal256(
                                    intDiv(toInt256(toDecimal256(usd, 12) * toInt256(1000000000000)) * upto, arraySum(ones.3))
                                        - intDiv(toInt256(toDecimal256(usd, 12) * toInt256(1000000000000)) * (upto - one.3), arraySum(ones.3)),
                                    12) / toInt256(1000000000000),
                                12)),
                        ones, arrayCumSum(ones.3))),
                arrayEnumerate(amounts), amounts, ones_of_spans))),
        [used, fee, witnessed]) AS parts
FROM
(
    SELECT trace_id, initiator, used, fee, witnessed, arrayMap(i -> arrayFilter(one -> one.1 = i, split), arrayEnumerate(initiator)) AS ones_of_spans
    FROM {decisions:Identifier}
    WHERE notEmpty(split)
)
