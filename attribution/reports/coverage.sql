-- Purpose: how much of the cost of the days found a team, and what could not be priced.
-- Grain:   one row.
SELECT
    sumIf(total, team != '') AS attributed,
    (SELECT toUInt64(sum(unpriced)) FROM agent_days WHERE day BETWEEN {first:Date} AND {last:Date}) AS unpriced_spans
FROM costs_by_team
WHERE day BETWEEN {first:Date} AND {last:Date}
