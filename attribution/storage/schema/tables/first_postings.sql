-- Purpose: The first postings of each trace. Most traces have no others. Rows are added, never changed (R11).
-- Grain: a trace. An array with a comment in the singular has one element for each posting.
-- Holds: Those of a pass count once it is committed. Each posting is booked on the day on which its cost arose.
CREATE TABLE IF NOT EXISTS first_postings
(
    pass        UInt64 COMMENT 'the pass that wrote the row',
    posted_at   DateTime64(9, 'UTC') COMMENT 'when it was posted',
    trace_id    String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1)),

    span_id     Array(String) COMMENT 'span',
    start_ns    Array(Int64) COMMENT 'start of the span, ns since the epoch',
    day         Array(Date) COMMENT 'day of the start in the configured zone',
    amount      Array(Decimal(38, 12)) COMMENT 'USD',
    agent       Array(UInt32) COMMENT 'agent, as an index into the agents',
    pool        Array(UInt32) COMMENT 'pool, as an index into the agents; 0: none',
    charge      Array(UInt32) COMMENT 'what it is for, as an index into the charges',
    initiator   Array(UInt32) COMMENT 'who started it, as an index into the initiators',

    agents      Array(LowCardinality(String)) COMMENT 'the distinct agents',
    -- The distinct charges.
    provider    Array(LowCardinality(String)) COMMENT 'who bills',
    model       Array(LowCardinality(String)) COMMENT 'the model',
    bucket      Array(LowCardinality(String)) COMMENT 'kind of cost',
    repricing   Array(LowCardinality(String)) COMMENT 'from and to which price it was repriced before it was posted; empty: it was not',
    is_unobserved Array(Bool) COMMENT 'it is for what an aggregate tells beyond the calls below it',
    -- The distinct initiators.
    team        Array(LowCardinality(String)) COMMENT 'the team; empty: nobody was found',
    department  Array(LowCardinality(String)) COMMENT 'department of the team',
    cost_center Array(LowCardinality(String)) COMMENT 'cost center of the team',
    project     Array(LowCardinality(String)) COMMENT 'project',
    environment Array(LowCardinality(String)) COMMENT 'environment, such as production',
    user        Array(String) COMMENT 'user who started the work',
    task        Array(String) COMMENT 'the task',
    workflow    Array(LowCardinality(String)) COMMENT 'workflow that was started',
    senders     Array(LowCardinality(String)) COMMENT 'the distinct senders of the trace; none: there are no keys',
    sender      Array(UInt32) COMMENT 'who sent the span of each posting, as an index into the senders; none: they are all of the first one',
    INDEX pass pass TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY trace_id
SETTINGS index_granularity = 128, min_compress_block_size = 4096
