-- Work table: tool_fees
-- Purpose: Fees of a tool that another span of the path tells once more, as an MCP client's span and its server's do (R4).
-- Grain: a trace with a tool's fee right below the same one (trace_id)
-- Needs: several_fees
-- Columns:
--     trace_id String: the trace
--     not_billed Array(UInt32): indices of spans whose fee another span of the path is billed for
-- Holds: Fees by the same price of a tool are one call where the inner one lies within the time of the outer one and no call, fee or agent
--        is between them. So are all fees of a chain of such pairs. The inner one's sender may charge the outer one's (R16).
WITH
    -- The nearest span at or above each span that has a property.
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest
SELECT
    trace_id,
    arrayMap(
        i -> toUInt32(i),
        arrayDistinct(arrayConcat(
            above_priced,
            arrayFilter(fee -> NOT is_priced[fee], outer_fees),
            arrayFilter((i, below) -> below AND NOT is_priced[i], arrayMap(i -> toUInt64(i), arrayEnumerate(is_priced)), below_priced)))) AS not_billed
FROM
(
    SELECT
        *,
        arrayFilter(fee -> fee > 0, outer_fee) AS outer_fees,
        range(toUInt8(ceil(log2(length(outer_fees) + 1)))) AS fee_doublings,
        -- Not billed are all fees above a fee with a cost, and those without a cost that are below a fee with a cost or above any fee.
        arrayFold(
            (fees, _) -> (
                arrayDistinct(arrayConcat(fees.1, arrayFilter(fee -> fee > 0, arrayMap(fee -> fees.2[fee], fees.1)))),
                arrayMap(p -> fees.2[p], fees.2)),
            fee_doublings,
            (arrayFilter((fee, priced) -> fee > 0 AND priced, outer_fee, is_priced), outer_fee)).1 AS above_priced,
        arrayFold(
            (fees, _) -> (arrayMap((below, p) -> below OR fees.1[p], fees.1, fees.2), arrayMap(p -> fees.2[p], fees.2)),
            fee_doublings,
            (arrayMap(fee -> fee > 0 AND is_priced[fee], outer_fee), outer_fee)).1 AS below_priced
    FROM
    (
        SELECT
            trace_id,
            is_priced,
            -- The fee above that records the same call of a tool: it must be the first call, fee or agent on the way up.
            arrayMap(
                (fee, p, start, end) -> if(
                    fee != 0 AND fee = tool[stop_from[p]] AND start >= span.start_ns[stop_from[p]] AND end <= span.end_ns[stop_from[p]],
                    stop_from[p], 0),
                tool, parent, span.start_ns, span.end_ns) AS outer_fee
        FROM
        (
            SELECT
                trace_id, span, tool,
                if(empty(granted_parent), trees.parent, granted_parent) AS parent,
                arrayMap(f -> bitTest(f, 4), flags) AS is_priced,
                nearest(
                    if(empty(granted_parent), jumps, granted_jumps),
                    arrayMap(
                        (f, a, i) -> if(bitTest(f, 2) OR bitTest(f, 6) OR a != 0, toUInt64(i), 0), flags, agent, arrayEnumerate(span))) AS stop_from
            FROM {trees:Identifier} AS trees
            WHERE notEmpty(jumps) AND arrayCount(fee -> fee != 0, tool) > 1
        )
    )
)
WHERE notEmpty(outer_fees)
