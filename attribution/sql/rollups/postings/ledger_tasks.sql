-- Purpose: adds what a pass posted to the days of tasks.
-- Grain:   day, task, pool and whether it found a team.
INSERT INTO ledger_tasks
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT day, task, pool, team != '' AS found, sum(amount) AS difference
FROM every_posting
WHERE pass = {pass:UInt64}
GROUP BY day, task, pool, found
HAVING difference != 0
ORDER BY day, task, pool, found
