-- Purpose: Adds the activity of a pass to the tasks of agents.
-- Grain: a day, agent and task
INSERT INTO agent_tasks
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT day, agent, task, sum(entries) AS difference
FROM activity
WHERE pass = {pass:UInt64} AND task != ''
GROUP BY day, agent, task
HAVING difference != 0
ORDER BY day, agent, task
