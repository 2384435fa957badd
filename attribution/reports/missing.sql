-- Purpose: What the totals of some days lack (R15).
-- Grain: a reason
SELECT
    reason,
    sum(lacking.count) AS count,
    sum(lacking.tokens) AS tokens,
    sum(lacking.usd) AS usd
FROM missing AS lacking
WHERE day BETWEEN {first:Date} AND {last:Date}
GROUP BY reason
ORDER BY reason
