-- Purpose: Which models an agent's own cost comes from, in USD.
-- Grain: an agent and model
SELECT agent AS agent_name, if(model = '', '(none)', model) AS model_name, sum(total) AS usd
FROM spanledger.daily_costs
WHERE $__dateFilter(day) AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
GROUP BY agent_name, model_name
HAVING usd != 0
ORDER BY usd DESC, agent_name, model_name
