-- Purpose: Posts an adjustment: what one team pays less, and another one instead.
-- Grain: a posting; the two sum to 0
INSERT INTO postings
(
    pass, posted_at, effective_at, effective_period, period, day, kind, team, department, cost_center, workflow, agent, provider, model,
    bucket, amount, reason, addition
)
SELECT
    {version:UInt64},
    now64(9),
    toDateTime64(concat({effective:String}, '-01'), 9, {timezone:String}),
    {effective:String},
    {period:String},
    toDate(concat({period:String}, '-01')),
    'adjustment',
    side.1, side.2, side.3,
    {workflow:String}, {agent:String}, {provider:String}, {model:String}, {bucket:String},
    side.4 * toDecimal128({amount:String}, 12),
    {reason:String},
    toUUID({dispute:String})
FROM
(
    SELECT arrayJoin(arrayZip(
        {teams:Array(String)}, {departments:Array(String)}, {cost_centers:Array(String)}, [toInt8(-1), toInt8(1)])) AS side
)
