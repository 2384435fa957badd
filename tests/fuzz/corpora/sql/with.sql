WITH (SELECT max(day) FROM costs_by_team) AS last SELECT arrayMap(x -> x + 1, [1, 2]), {team:String} FROM allocations AS a INNER JOIN pools USING (period, pool) WHERE period = '2026-10'
