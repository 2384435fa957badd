-- Purpose: what each agent costs, by itself and with all it calls.
-- Grain:   day and agent.
-- Columns: own_cost: spans of the agent; inclusive_cost: spans with the agent anywhere on their path, each once; entries: invocations;
--          reentrant_entries: calls back into an agent that is already at work; cost_per_task: inclusive, NULL without a task.
-- Holds:   own costs sum to the billed cost; inclusive costs overlap and do not.
CREATE OR REPLACE VIEW costs_by_agent AS
SELECT
    day,
    agent,
    sum(own) AS own_cost,
    sum(inclusive) AS inclusive_cost,
    sum(entry) AS entries,
    sum(reentry) AS reentrant_entries,
    uniqExactIf(task, entry = 1) AS tasks,
    if(tasks = 0, NULL, inclusive_cost / tasks) AS cost_per_task
FROM
(
    SELECT day, agent, amount AS own, toDecimal128(0, 12) AS inclusive,
        toUInt64(agent_entry AND NOT reentrant) AS entry, toUInt64(reentrant) AS reentry, task
    FROM attributions FINAL
    UNION ALL
    SELECT day, arrayJoin(arrayDistinct(arrayPushBack(path_agents, agent))), toDecimal128(0, 12), amount, 0, 0, ''
    FROM attributions FINAL
)
GROUP BY day, agent
