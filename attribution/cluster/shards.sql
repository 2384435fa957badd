-- Purpose: The number of shards that this node knows of a cluster.
-- Grain: one row
SELECT uniqExact(shard_num) AS n
FROM system.clusters
WHERE cluster = {cluster:String}
