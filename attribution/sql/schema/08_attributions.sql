-- Purpose: what attribution decided for each trace: which spans are billed or why not, who started them, whose agent, which pool.
-- Grain:   trace; the highest version stands. An array with a comment in the singular has an element a span, in the order of
--          (start, span_id). The view `decisions` reads it span by span.
-- Holds:   amount is 0 unless billable; every span of `span_records` whose trace is not pending is in its trace's row.
CREATE TABLE IF NOT EXISTS attributions
(
    version         UInt64 COMMENT 'the pass that decided, ns since the epoch',
    trace_id        String CODEC(ZSTD(1)),
    start_time      DateTime64(9, 'UTC'),
    end_time        DateTime64(9, 'UTC'),
    cost            Decimal(38, 12) COMMENT 'USD billed',
    unpriced_spans  UInt32 COMMENT 'billed spans of unknown cost',
    response_ids    Array(String) COMMENT 'of its calls as they were when attributed',

    span_id         Array(String) CODEC(ZSTD(1)) COMMENT 'span',
    day             Array(Date) COMMENT 'day of the start in the configured zone',
    billable        Array(Bool) COMMENT 'whether the span is billed',
    unbilled_reason Array(LowCardinality(String)) COMMENT 'aggregate, duplicate',
    amount          Array(Decimal(38, 12)) CODEC(ZSTD(1)) COMMENT 'USD billed of the span',
    unobserved      Array(Nullable(Decimal(38, 12))) CODEC(ZSTD(1)) COMMENT 'what an unbilled aggregate reports beyond the billed sum below it; shown, never billed (R4)',
    root            Array(UInt32) COMMENT 'local root, as an index into the spans',
    orphan          Array(Bool) COMMENT 'names a parent that is not there',
    cut             Array(Bool) COMMENT 'first of a loop of parent pointers',
    agent           Array(UInt32) COMMENT 'its agent, as an index into the agents',
    agent_entry     Array(Bool) COMMENT 'enters its agent',
    reentrant       Array(Bool) COMMENT 'enters an agent that is above it already',
    pool            Array(UInt32) COMMENT 'its shared agent, as an index into the agents; 0: none',
    initiator       Array(UInt32) COMMENT 'who started it, as an index into the initiators',

    agents          Array(LowCardinality(String)) COMMENT 'the distinct agents of the trace',
    paths           Array(Array(UInt64)) COMMENT '64 agents an element: of each span the bits of the agents at or above it',
    -- The distinct initiators of the trace, that of its first local root first.
    team            Array(LowCardinality(String)),
    department      Array(LowCardinality(String)),
    cost_center     Array(LowCardinality(String)),
    project         Array(LowCardinality(String)),
    environment     Array(LowCardinality(String)),
    user            Array(String) CODEC(ZSTD(1)),
    session         Array(String) CODEC(ZSTD(1)),
    task            Array(String) CODEC(ZSTD(1)),
    workflow        Array(LowCardinality(String))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(start_time)
ORDER BY trace_id
SETTINGS index_granularity = 1024
