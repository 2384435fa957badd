-- Purpose: What totals lack, day by day (R15).
-- Grain: a day, team and reason
SELECT day, team, reason, count AS lacking, tokens AS untold, usd AS estimated
FROM missing
WHERE day BETWEEN {first:Date} AND {last:Date}{among}
ORDER BY day DESC, team, reason
LIMIT {rows_max:UInt32}
