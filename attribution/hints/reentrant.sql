-- Purpose: Agents that were called back while they were at work.
-- Grain: an agent
SELECT agent, sum(inclusive_cost) AS inclusive, toInt64(sum(entries)) AS invoked, toInt64(sum(reentrant_entries)) AS called_back
FROM costs_by_agent
WHERE day BETWEEN {first:Date} AND {last:Date}
GROUP BY agent
HAVING called_back > 0 AND inclusive > 0
