-- Purpose: What each team pays, day by day, in USD.
-- Grain: a day and team
SELECT toDateTime(day) AS time, if(team = '', '(unattributed)', team) AS team_name, sum(total) AS usd
FROM spanledger.costs_by_team
WHERE $__dateFilter(day) AND $__conditionalAll(team IN (${team:singlequote}), $team)
GROUP BY time, team_name
ORDER BY time, team_name
