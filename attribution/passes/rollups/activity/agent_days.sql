-- Purpose: Adds the activity of a pass to the days of agents.
-- Grain: a day and agent
INSERT INTO agent_days
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT day, agent, sum(spans), sum(own_cost), sum(inclusive_cost), sum(entries), sum(reentrant_entries), sum(traces), sum(unpriced)
FROM activity
WHERE pass = {pass:UInt64}
GROUP BY day, agent
ORDER BY day, agent
