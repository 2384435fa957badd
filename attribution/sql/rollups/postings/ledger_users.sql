-- Purpose: adds what a pass posted to the days of users.
-- Grain:   day, user, pool and whether it found a team.
INSERT INTO ledger_users
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT day, user, pool, team != '' AS found, sum(amount) AS difference
FROM every_posting
WHERE pass = {pass:UInt64}
GROUP BY day, user, pool, found
HAVING difference != 0
ORDER BY day, user, pool, found
