-- Work table: billing
-- Purpose: Which spans are billed, why the others are not, and what an unbilled aggregate says beyond all that is billed below it (R4).
-- Grain: a trace (trace_id); columns are arrays over its spans
-- Carries: the columns of trees but tool, flags
-- Columns:
--     flags Array(UInt16): flags of the profile; a record that is found to be a total is an aggregate and no record of a call
--     billable Array(UInt8): billed for what it used
--     amount Array(Decimal(38, 12)): USD billed for what it used, without the time that `own_time` bills
--     unpriced Array(UInt8): billed, and the cost is not known
--     is_unbilled_aggregate Array(UInt8): an aggregate that repeats calls below it
--     is_duplicate Array(UInt8): a leaf that another span is billed for
--     unobserved_at Array(UInt32): indices of the unbilled aggregates with a cost
--     unobserved Array(Decimal(38, 12)): USD that each of them says beyond what is billed, or said by such an aggregate, below it
--     is_witness Array(UInt8): what the aggregate says beyond is billed: a call right below it tells no usage, or it is configured so
-- Holds: A leaf is billed, but for what `unbilled` says of its trace.
SELECT
    trees.trace_id AS trace_id, to_attribute, span, span_dimensions, links, sampled, agent, workflow, service, resource, charge,
    has_own_time_price, used_cost, starts_loop, orphan, parent, jumps, granted_parent, granted_jumps,
    if(empty(unbilled.flags), trees.flags, unbilled.flags) AS flags,
    if(empty(unbilled.flags), arrayMap(f -> bitTest(f, 0), trees.flags), unbilled.billable) AS billable,
    if(
        empty(unbilled.flags),
        arrayMap((f, cost) -> if(bitTest(f, 0) AND bitTest(f, 7), cost, toDecimal128(0, 12)), trees.flags, used_cost),
        unbilled.amount) AS amount,
    if(empty(unbilled.flags), arrayMap(f -> bitTest(f, 0) AND NOT bitTest(f, 7), trees.flags), unbilled.unpriced) AS unpriced,
    if(empty(unbilled.flags), arrayMap(_ -> 0, trees.flags), unbilled.is_unbilled_aggregate) AS is_unbilled_aggregate,
    if(empty(unbilled.flags), arrayMap(_ -> 0, trees.flags), unbilled.is_duplicate) AS is_duplicate,
    unbilled.unobserved_at AS unobserved_at,
    unbilled.unobserved AS unobserved,
    unbilled.is_witness AS is_witness
FROM {trees:Identifier} AS trees
LEFT ANY JOIN {unbilled:Identifier} AS unbilled ON unbilled.trace_id = trees.trace_id
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
