-- Purpose: Adds the postings of a pass to the days of the ledger.
-- Grain: a day and its dimensions
INSERT INTO ledger_days
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT
    effective_period, period, day, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket,
    sum(amount) AS difference
FROM every_posting
WHERE pass = {pass:UInt64}
GROUP BY
    effective_period, period, day, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket
HAVING difference != 0
ORDER BY
    day, period, effective_period, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket
