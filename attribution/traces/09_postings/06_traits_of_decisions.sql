-- Traits: decisions
-- Purpose: Whether traces were decided before, and which traits the old and the new decisions have that few have.
-- Grain: one row
-- Columns:
--     corrections Bool: a trace may have postings already, or needs postings that are booked in another month
--     split_costs Bool: a cost is split between initiators, or was
--     missing Bool: the cost of a trace lacks anything, or lacked it before
SELECT
    sum(before) > 0 OR (SELECT countIf(NOT is_first) FROM {amounts_to_post:Identifier}) > 0 AS corrections,
    countIf(notEmpty(split)) > 0 AS split_costs,
    countIf(notEmpty(missing)) > 0 AS missing
FROM
(
    SELECT 0 AS before, split, missing
    FROM {decisions:Identifier}
    UNION ALL
    SELECT 1, split, missing
    FROM {previous_decisions:Identifier}
)
