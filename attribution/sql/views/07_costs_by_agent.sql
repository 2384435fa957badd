-- Purpose: what each agent costs, by itself and with all it calls.
-- Grain:   day and agent.
-- Columns: own_cost: spans of the agent; inclusive_cost: spans with the agent anywhere on their path, each once; entries: invocations;
--          reentrant_entries: calls back into an agent that is already at work; tasks: those that spans name and have an entry, and
--          traces that are their own; cost_per_task: inclusive, NULL without a task.
-- Holds:   own costs sum to the billed cost; inclusive costs overlap and do not.
CREATE OR REPLACE VIEW costs_by_agent AS
SELECT
    days.day AS day,
    days.agent AS agent,
    days.own_cost AS own_cost,
    days.inclusive_cost AS inclusive_cost,
    toUInt64(days.entries) AS entries,
    toUInt64(days.reentrant_entries) AS reentrant_entries,
    toUInt64(days.traces + named.tasks) AS tasks,
    if(tasks = 0, NULL, inclusive_cost / tasks) AS cost_per_task
FROM
(
    SELECT
        day, agent, sum(own_cost) AS own_cost, sum(inclusive_cost) AS inclusive_cost,
        sum(entries) AS entries, sum(reentrant_entries) AS reentrant_entries, sum(traces) AS traces
    FROM agent_days
    GROUP BY day, agent
    HAVING sum(spans) > 0
) AS days
LEFT JOIN
(
    SELECT day, agent, count() AS tasks
    FROM (SELECT day, agent, task FROM agent_tasks GROUP BY day, agent, task HAVING sum(entries) != 0)
    GROUP BY day, agent
) AS named USING (day, agent)
