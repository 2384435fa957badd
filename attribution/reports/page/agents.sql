-- Purpose: What each agent costs, by itself and with all that it calls, and what it cost in the days before.
-- Grain: an agent; the {rows_max} most expensive
SELECT
    agent,
    sumIf(own_cost, day >= {first:Date}) AS own,
    sumIf(inclusive_cost, day >= {first:Date}) AS inclusive,
    sumIf(entries, day >= {first:Date}) AS invocations,
    sumIf(reentrant_entries, day >= {first:Date}) AS calls_back,
    sumIf(tasks, day >= {first:Date}) AS worked_on,
    if(worked_on = 0, NULL, inclusive / worked_on) AS per_task,
    sumIf(inclusive_cost, day < {first:Date}) AS inclusive_before
FROM costs_by_agent
WHERE day BETWEEN {before:Date} AND {last:Date} AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY agent
HAVING own != 0 OR inclusive != 0 OR invocations > 0
ORDER BY inclusive DESC, agent
LIMIT {rows_max:UInt32}
