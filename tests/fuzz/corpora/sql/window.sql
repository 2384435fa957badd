SELECT *, row_number() OVER (PARTITION BY team ORDER BY total DESC) FROM costs_by_team QUALIFY 1 UNION ALL SELECT * FROM costs_by_team
