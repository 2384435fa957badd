-- Purpose: How often an agent was invoked, day by day, and how often it was called back while it was at work.
-- Grain: a day
SELECT toDateTime(day) AS time, sum(entries) AS invocations, sum(reentrant_entries) AS calls_back
FROM spanledger.costs_by_agent
WHERE $__dateFilter(day) AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
GROUP BY time
ORDER BY time
