-- Purpose: Which agents a team pays for, in USD.
-- Grain: a team, agent and pool
SELECT
    if(team = '', '(unattributed)', team) AS team_name, agent AS agent_name, if(pool = '', '', concat('shared: ', pool)) AS shared_agent,
    sum(total) AS usd
FROM spanledger.daily_costs
WHERE $__dateFilter(day) AND $__conditionalAll(team IN (${team:singlequote}), $team) AND (pool = '' OR team != '')
GROUP BY team_name, agent_name, shared_agent
HAVING usd != 0
ORDER BY usd DESC, team_name, agent_name
LIMIT 200
