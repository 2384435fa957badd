-- Purpose: what the agents of a trace did and cost, as differences to what was known before, so that sums over all rows are right.
-- Grain:   pass, trace and key; keys: day, agent, pool, team and task, each '' where the measure does not depend on it.
-- Holds:   rows are added, never changed; those of a pass count once it is committed.
CREATE TABLE IF NOT EXISTS activity
(
    pass              UInt64,
    trace_id          String CODEC(ZSTD(1)),
    day               Date,
    agent             LowCardinality(String),
    pool              LowCardinality(String),
    team              LowCardinality(String) COMMENT 'of the initiator',
    task              String CODEC(ZSTD(1)) COMMENT 'that the spans name; the trace itself is empty',
    spans             Int64 COMMENT 'with the agent on their path',
    own_cost          Decimal(38, 12) COMMENT 'USD billed of spans of the agent',
    inclusive_cost    Decimal(38, 12) COMMENT 'USD billed of spans with the agent on their path',
    entries           Int64 COMMENT 'into the agent, re-entrant ones not counted',
    reentrant_entries Int64,
    traces            Int64 COMMENT '1 for a trace with an entry that is its own task',
    pool_entries      Int64 COMMENT 'those of the entries that invoke the pool',
    pool_duration_ns  Int64 COMMENT 'how long these took',
    root_duration_ns  Int64 COMMENT 'how long local roots took',
    tokens            Int64 COMMENT 'of billed spans',
    unpriced          Int64 COMMENT 'billed spans of the agent without a known price',
    INDEX pass pass TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY trace_id
SETTINGS index_granularity = 1024
