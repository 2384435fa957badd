-- Work table: split_amounts
-- Purpose: The amounts of traces in which a cost is split between initiators, initiator by initiator (R8).
-- Grain: a trace (trace_id)
-- Needs: split_costs
-- Columns:
--     trace_id String: the trace
--     parts Array(Array(Tuple(at UInt32, initiator UInt32, usd Decimal(38, 12)))): three lists: of what spans used, of their own time, and of
--         what aggregates say beyond the calls below them: index of the span, an initiator, and USD that it pays
-- Holds: Each link has of each list as many whole units of the 12th digit as the others. What remains lies in a row, list by list, and the
--        links take equal parts of the row in their order. So what an initiator pays of all lists is its part of the span's amount, as
--        `initiators` has it.
WITH
    toInt256(1000000000000) AS units_per_usd,
    (usd) -> toInt256(toDecimal256(usd, 12) * units_per_usd) AS units_of,
    (units) -> toDecimal128(toDecimal256(units, 12) / units_per_usd, 12) AS usd_of,
    (part, units, row_before, row_upto, row_all) -> intDiv(units, part.links) * (part.last - (part.first - 1)) + greatest(
        toInt256(0),
        least(row_upto, intDiv(row_all * part.last, part.links)) - greatest(row_before, intDiv(row_all * (part.first - 1), part.links))) AS units_paid
SELECT
    trace_id,
    arrayMap(
        nth -> arrayFilter(
            one -> one.3 != 0,
            arrayMap(
                (part, units, rows) -> (part.at, part.initiator, usd_of(units_paid(part, units[nth], rows[nth], rows[nth + 1], rows[4]))),
                parts_paid, units_of_parts, rows_of_parts)),
        [1, 2, 3]) AS parts
FROM
(
    SELECT
        trace_id, parts_paid, units_of_parts,
        -- How much lies in the row before the first list, before the second, the third, and in all.
        arrayMap(
            (part, units) -> arrayPushFront(arrayCumSum(arrayMap(n -> n % part.links, units)), toInt256(0)),
            parts_paid, units_of_parts) AS rows_of_parts
    FROM
    (
        SELECT
            decisions.trace_id AS trace_id,
            split_parts.parts AS parts_paid,
            arrayMap(part -> [units_of(used[part.at]), units_of(fee[part.at]), units_of(witnessed[part.at])], parts_paid) AS units_of_parts
        FROM {decisions:Identifier} AS decisions
        INNER JOIN {split_parts:Identifier} AS split_parts ON split_parts.trace_id = decisions.trace_id
        WHERE sign = 1
    )
)
