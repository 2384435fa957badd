-- Purpose: Adds the postings of a pass to the days of users and tasks.
-- Grain: a dimension, day, value, pool and whether there is a team
INSERT INTO ledger_names (dimension, day, name, pool, found, amount)
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT
    named.1 AS dimension,
    day,
    named.2 AS name,
    pool,
    found,
    sum(usd) AS difference
FROM
(
    SELECT day, user, task, pool, team != '' AS found, sum(amount) AS usd
    FROM every_posting
    WHERE pass = {pass:UInt64}
    GROUP BY day, user, task, pool, found
)
ARRAY JOIN [('user', user), ('task', task)] AS named
GROUP BY dimension, day, name, pool, found
HAVING difference != 0
ORDER BY ALL
