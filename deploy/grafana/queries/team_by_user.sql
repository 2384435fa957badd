-- Purpose: Which users and workflows a team pays for, in USD; shared cost has none.
-- Grain: a user and workflow
SELECT if(user = '', '(none)', user) AS user_name, if(workflow = '', '(none)', workflow) AS workflow_name, sum(total) AS usd
FROM spanledger.daily_costs
WHERE $__dateFilter(day) AND $__conditionalAll(team IN (${team:singlequote}), $team)
GROUP BY user_name, workflow_name
HAVING usd != 0
ORDER BY usd DESC, user_name, workflow_name
LIMIT 200
