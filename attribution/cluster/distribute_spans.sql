-- Purpose: The spans of all shards as one table. All spans of a trace are on one shard, so statements for one node are right on a cluster.
-- Grain: as on a shard; it takes over the columns of the shards
CREATE TABLE IF NOT EXISTS span_records
ENGINE = Distributed({cluster:Identifier}, {shard_database:Identifier}, span_records, cityHash64(trace_id))
