-- Purpose: What a task costs, in USD, day by day, for the most expensive agents.
-- Grain: a day and agent
SELECT toDateTime(day) AS time, agent AS agent_name, sum(inclusive_cost) / sum(tasks) AS per_task
FROM spanledger.costs_by_agent
WHERE $__dateFilter(day) AND tasks > 0
    AND agent IN
    (
        SELECT agent
        FROM spanledger.costs_by_agent
        WHERE $__dateFilter(day)
        GROUP BY agent
        ORDER BY sum(inclusive_cost) DESC, agent
        LIMIT 8
    )
GROUP BY time, agent_name
ORDER BY time, agent_name
