-- Purpose: What an agent costs each day, by itself and with all that it calls.
-- Grain: a day
SELECT day, own_cost, inclusive_cost, entries, reentrant_entries, tasks, cost_per_task
FROM costs_by_agent
WHERE day BETWEEN {first:Date} AND {last:Date} AND agent = {agent:String}
ORDER BY day
