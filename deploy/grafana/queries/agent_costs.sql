-- Purpose: What an agent costs, day by day, in USD, by itself and with all that it calls.
-- Grain: a day
SELECT toDateTime(day) AS time, sum(own_cost) AS own, sum(inclusive_cost) AS with_all_it_calls
FROM spanledger.costs_by_agent
WHERE $__dateFilter(day) AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
GROUP BY time
ORDER BY time
