-- Purpose: inserts that run at the moment: one that began before changes were noted may end unnoted.
-- Grain:   query; among {those} where it is not empty.
SELECT query_id
FROM system.processes
WHERE query_kind = 'Insert' AND (empty({those:Array(String)}) OR query_id IN {those:Array(String)})
