-- Purpose: What a task costs each day, for the most expensive agents.
-- Grain: a day and agent
SELECT day, agent, cost_per_task
FROM costs_by_agent
WHERE day BETWEEN {first:Date} AND {last:Date}
    AND cost_per_task IS NOT NULL
    AND agent IN
    (
        SELECT agent
        FROM agent_days
        WHERE day BETWEEN {first:Date} AND {last:Date}
        GROUP BY agent
        ORDER BY sum(inclusive_cost) DESC, agent
        LIMIT {top:UInt32}
    )
ORDER BY agent, day
