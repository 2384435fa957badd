-- Purpose: how much of the cost of the days found a team, and what could not be priced.
-- Grain:   one row.
-- Columns: direct: not through a pool.
SELECT
    sum(costs_by_team.total) AS total,
    sum(costs_by_team.direct) AS direct,
    sumIf(costs_by_team.total, team != '') AS attributed,
    (SELECT toUInt64(sum(unpriced)) FROM agent_days WHERE day BETWEEN {first:Date} AND {last:Date}) AS unpriced_spans
FROM costs_by_team
WHERE day BETWEEN {first:Date} AND {last:Date}
