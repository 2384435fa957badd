-- Purpose: How much of the cost of some days has a team.
-- Grain: one row
SELECT sumIf(total, team != '') AS attributed
FROM costs_by_team
WHERE day BETWEEN {first:Date} AND {last:Date}
