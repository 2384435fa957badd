-- Purpose: the spans of all shards, a trace on one of them: what is said of one node then holds for the cluster.
-- Grain:   as on a shard, whose columns it takes over.
CREATE TABLE IF NOT EXISTS span_records
ENGINE = Distributed({cluster:Identifier}, {shard_database:Identifier}, span_records, cityHash64(trace_id))
