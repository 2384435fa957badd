-- View: costs_by_agent
-- Purpose: What each agent costs, by itself and with all that it calls.
-- Grain: a day and agent (day, agent)
-- Joins: attributed_spans on day, agent
-- Columns:
--     day Date: day in the configured zone
--     agent LowCardinality(String): the agent
--     own_cost Decimal(38, 12): USD billed of spans of the agent
--     inclusive_cost Decimal(38, 12): USD billed of spans with the agent on their path, each once
--     entries UInt64: invocations
--     reentrant_entries UInt64: calls back into the agent while it is at work
--     tasks UInt64: tasks in which the agent was invoked
--     cost_per_task Nullable(Decimal(38, 12)): inclusive_cost by tasks; NULL: no task
-- Holds: Own costs sum to the billed cost. Inclusive costs overlap and do not.
-- Example: SELECT agent, sum(own_cost) AS own, sum(inclusive_cost) AS inclusive FROM costs_by_agent GROUP BY agent ORDER BY inclusive DESC
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
