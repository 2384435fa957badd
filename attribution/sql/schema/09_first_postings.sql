-- Purpose: what is posted for a trace at first: most traces have no other postings. Rows are added, never changed (R11).
-- Grain:   trace. An array with a comment in the singular has an element a posting.
-- Holds:   those of a pass count once it is committed; each posting is booked on the day on which it arose.
CREATE TABLE IF NOT EXISTS first_postings
(
    pass        UInt64,
    posted_at   DateTime64(9, 'UTC'),
    trace_id    String CODEC(ZSTD(1)),

    span_id     Array(String) COMMENT 'span',
    start_ns    Array(Int64) COMMENT 'start of the span, ns since the epoch',
    day         Array(Date) COMMENT 'day of the start in the configured zone',
    amount      Array(Decimal(38, 12)) COMMENT 'USD',
    agent       Array(UInt32) COMMENT 'agent, as an index into the agents',
    pool        Array(UInt32) COMMENT 'pool, as an index into the agents; 0: none',
    charge      Array(UInt32) COMMENT 'what it is for, as an index into the charges',
    initiator   Array(UInt32) COMMENT 'who started it, as an index into the initiators',

    agents      Array(LowCardinality(String)),
    -- The distinct charges.
    provider    Array(LowCardinality(String)),
    model       Array(LowCardinality(String)),
    bucket      Array(LowCardinality(String)),
    repricing   Array(LowCardinality(String)) COMMENT 'from and to which price it was repriced before it was posted; empty: it was not',
    -- The distinct initiators.
    team        Array(LowCardinality(String)),
    department  Array(LowCardinality(String)),
    cost_center Array(LowCardinality(String)),
    project     Array(LowCardinality(String)),
    environment Array(LowCardinality(String)),
    user        Array(String),
    task        Array(String),
    workflow    Array(LowCardinality(String)),
    INDEX pass pass TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY trace_id
SETTINGS index_granularity = 128, min_compress_block_size = 4096
