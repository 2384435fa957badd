-- Purpose: What teams pay of shared agents, by day.
-- Grain: a day and team
SELECT day, false AS is_other, toString(team) AS value, sum(amount) AS total
FROM ledger_days
WHERE day BETWEEN {first:Date} AND {last:Date} AND kind = 'allocation' AND ({pool:String} = '' OR pool = {pool:String}){among}
GROUP BY day, value
HAVING total != 0
ORDER BY value, day
