-- Traits: decisions
-- Purpose: Whether traces were decided before, and which traits the old and the new decisions have that few have.
-- Grain: one row
-- Columns:
--     corrections Bool: a trace may have postings already, or needs postings that are booked in another month
--     split_costs Bool: a cost is split between initiators, or was
--     missing Bool: the cost of a trace lacks anything, or lacked it before
SELECT
    countIf(is_before OR hasAny(months, (SELECT groupArray(period) FROM {closed_periods:Identifier}))) > 0 AS corrections,
    countIf(notEmpty(split)) > 0 AS split_costs,
    countIf(notEmpty(missing)) > 0 AS missing
FROM
(
    SELECT false AS is_before, arrayMap(d -> formatDateTime(d, '%Y-%m'), arrayDistinct(day)) AS months, split, missing
    FROM {decisions:Identifier}
    UNION ALL
    SELECT true, [], split, missing
    FROM {previous_decisions:Identifier}
)
