-- Purpose: what attribution decided for each span: billed or why not, who started it, whose agent, which pool.
-- Grain:   span; the highest version stands.
-- Holds:   amount is 0 unless billable; every span of `span_records` whose trace is not pending has its row.
CREATE TABLE IF NOT EXISTS attributions
(
    version         UInt64 COMMENT 'start of the pass that decided, ns since the epoch',
    trace_id        String CODEC(ZSTD(1)),
    span_id         String CODEC(ZSTD(1)),
    period          LowCardinality(String) COMMENT 'month of the start in the configured zone, such as 2026-10',
    day             Date COMMENT 'day of the start in the configured zone',
    billable        Bool,
    unbilled_reason LowCardinality(String) COMMENT 'aggregate, duplicate',
    amount          Decimal(38, 12) COMMENT 'USD billed',
    tokens          UInt64 COMMENT 'input and output',
    duration_ns     UInt64,
    unobserved      Nullable(Decimal(38, 12)) COMMENT 'what an unbilled aggregate reports beyond the billed sum below it; shown, never billed (R4)',
    root_span_id    String CODEC(ZSTD(1)),
    team            LowCardinality(String),
    department      LowCardinality(String),
    cost_center     LowCardinality(String),
    project         LowCardinality(String),
    environment     LowCardinality(String),
    user            String CODEC(ZSTD(1)),
    session         String CODEC(ZSTD(1)),
    task            String CODEC(ZSTD(1)),
    workflow        LowCardinality(String),
    agent           LowCardinality(String),
    agent_entry     Bool,
    reentrant       Bool,
    path_agents     Array(LowCardinality(String)) COMMENT 'distinct agents at or above the span',
    pool            LowCardinality(String),
    flags           Array(LowCardinality(String)) COMMENT 'orphan, cycle',
    response_id     String CODEC(ZSTD(1)) COMMENT 'as it was when attributed'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY period
ORDER BY (trace_id, span_id)
SETTINGS index_granularity = 1024
