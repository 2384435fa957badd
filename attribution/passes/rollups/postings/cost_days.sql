-- Purpose: Adds the postings of a pass to the days of cost.
-- Grain: a day and its dimensions
INSERT INTO cost_days
(
    period, day, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, user, task, amount
)
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT
    period, day, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, user, task,
    sum(amount) AS difference
FROM every_posting
WHERE pass = {pass:UInt64}
GROUP BY period, day, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, user, task
HAVING difference != 0
ORDER BY day, period, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, user, task
