-- Purpose: What each team pays, in USD: of its own workflows, and of shared agents.
-- Grain: a team
SELECT if(team = '', '(unattributed)', team) AS team_name, sum(direct) AS of_its_own, sum(allocated) AS shared, sum(total) AS usd
FROM spanledger.costs_by_team
WHERE $__dateFilter(day) AND $__conditionalAll(team IN (${team:singlequote}), $team)
GROUP BY team_name
ORDER BY usd DESC, team_name
