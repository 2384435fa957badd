-- Purpose: The days on which agents did anything.
-- Grain: a day
SELECT DISTINCT day
FROM agent_days
WHERE day BETWEEN {first:Date} AND {last:Date}
ORDER BY day
