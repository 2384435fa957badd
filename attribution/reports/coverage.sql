-- Purpose: How much of the cost of some days has a team, and how many spans have no price.
-- Grain: one row
SELECT
    sumIf(total, team != '') AS attributed,
    (SELECT toUInt64(sum(unpriced)) FROM agent_days WHERE day BETWEEN {first:Date} AND {last:Date}) AS unpriced_spans
FROM costs_by_team
WHERE day BETWEEN {first:Date} AND {last:Date}
