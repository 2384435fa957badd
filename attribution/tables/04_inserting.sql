-- Purpose: Inserts that are running. An insert that began before changes were noted may end without being noted.
-- Grain: a query; only those in {query_ids} where that is not empty
SELECT query_id
FROM system.processes
WHERE query_kind = 'Insert' AND (empty({query_ids:Array(String)}) OR query_id IN {query_ids:Array(String)})
