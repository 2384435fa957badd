SELECT team, sum(total) AS usd FROM costs_by_team WHERE day >= '2026-10-01' GROUP BY team ORDER BY usd DESC LIMIT 10
