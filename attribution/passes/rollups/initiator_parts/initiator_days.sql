-- Purpose: Adds what a pass changed in what initiators cost to the days.
-- Grain: a day, pool, team, way in which it was found, sender, and sender that names it
INSERT INTO initiator_days
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT day, pool, team, initiator_source, sender, named_by, sum(amount)
FROM initiator_parts
WHERE pass = {pass:UInt64}
GROUP BY ALL
ORDER BY ALL
