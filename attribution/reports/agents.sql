-- Purpose: What each agent costs, by itself and with all that it calls.
-- Grain: an agent
WITH by_agent AS
(
    SELECT
        agent, sum(own_cost) AS own, sum(inclusive_cost) AS inclusive, sum(entries) AS calls, sum(reentrant_entries) AS calls_back,
        sum(tasks) AS worked_on
    FROM costs_by_agent
    GROUP BY agent
)
SELECT
    agent,
    own        AS own_cost,
    inclusive  AS inclusive_cost,
    calls      AS entries,
    calls_back AS reentrant_entries,
    if(worked_on = 0, NULL, inclusive / worked_on) AS cost_per_task
FROM by_agent
ORDER BY inclusive DESC, agent
