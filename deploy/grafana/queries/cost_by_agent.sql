-- Purpose: What each agent costs, in USD, by itself and with all that it calls; inclusive costs overlap.
-- Grain: an agent
SELECT
    agent AS agent_name,
    sum(own_cost) AS own,
    sum(inclusive_cost) AS with_all_it_calls,
    sum(entries) AS invocations,
    sum(tasks) AS worked_on,
    if(worked_on = 0, NULL, with_all_it_calls / worked_on) AS per_task
FROM spanledger.costs_by_agent
WHERE $__dateFilter(day)
GROUP BY agent_name
ORDER BY with_all_it_calls DESC, agent_name
LIMIT 50
