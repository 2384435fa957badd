-- Purpose: Adds what a pass changed in what the cost of traces lacks to the days.
-- Grain: a day, team and reason
INSERT INTO missing_days
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT day, team, reason, sum(count), sum(tokens), sum(usd)
FROM missing_parts
WHERE pass = {pass:UInt64}
GROUP BY day, team, reason
ORDER BY day, team, reason
