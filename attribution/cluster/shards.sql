-- Purpose: how many shards this node knows a cluster to have.
-- Grain:   one row.
SELECT uniqExact(shard_num) AS n
FROM system.clusters
WHERE cluster = {cluster:String}
