-- Purpose: The teams of the ledger that the organization does not have, the one that pays most first; no more than a screen holds.
-- Grain: a team
SELECT team, sum(total) AS usd, max(day) AS last_day
FROM costs_by_team
WHERE team != '' AND team NOT IN {known:Array(String)}
GROUP BY team
HAVING usd != 0
ORDER BY usd DESC, team
LIMIT 20
