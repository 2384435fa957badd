-- Purpose: Adds the activity of a pass to the use of pools.
-- Grain: a period, pool and initiator team
INSERT INTO pool_use
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT
    formatDateTime(day, '%Y-%m') AS period, pool, team,
    sum(uses), sum(pool_entries), sum(pool_duration_ns), sum(root_duration_ns), sum(tokens)
FROM activity
WHERE pass = {pass:UInt64}
GROUP BY period, pool, team
ORDER BY period, pool, team
