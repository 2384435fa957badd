-- Purpose: What the total of some days lacks (R15).
-- Grain: a reason
SELECT reason, sum(count) AS lacking, sum(tokens) AS untold, sum(usd) AS estimated
FROM missing
WHERE day BETWEEN {first:Date} AND {last:Date}{among}
GROUP BY reason
HAVING lacking != 0 OR estimated != 0
ORDER BY reason
