-- Purpose: every span as it was received, with what the conventions read and the prices said of it.
-- Grain:   delivery of a span; rows of one (trace_id, span_id) are one span, the highest version is its content (R1).
-- Holds:   ids are lowercase hex; '' is absent; NULL is unknown; cost is the span's own figure, billed or not. Compressed
--          blocks are small: whoever looks traces up reads a granule of each.
CREATE TABLE IF NOT EXISTS span_records
(
    version               UInt64 COMMENT 'order of receipt, ns since the epoch, distinct for each delivery of a span',
    trace_id              String CODEC(ZSTD(1)),
    span_id               String CODEC(ZSTD(1)),
    parent_span_id        String CODEC(ZSTD(1)),
    trace_state           String,
    name                  LowCardinality(String),
    kind                  LowCardinality(String) COMMENT 'Unspecified, Internal, Server, Client, Producer, Consumer',
    service               LowCardinality(String),
    start_time            DateTime64(9, 'UTC'),
    duration_ns           UInt64,
    status                LowCardinality(String) COMMENT 'Unset, Ok, Error',
    status_message        String,
    scope_name            LowCardinality(String),
    scope_version         LowCardinality(String),
    resource              Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    attributes            Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    event_times           Array(DateTime64(9, 'UTC')),
    event_names           Array(LowCardinality(String)),
    event_attributes      Array(Map(LowCardinality(String), String)),
    link_trace_ids        Array(String),
    link_span_ids         Array(String),
    link_trace_states     Array(String),
    link_attributes       Array(Map(LowCardinality(String), String)),

    -- What the conventions read (attribution/conventions).
    usage                 Enum8('none' = 0, 'leaf' = 1, 'aggregate' = 2) COMMENT 'what the figures are (R4)',
    provider              LowCardinality(String),
    model                 LowCardinality(String),
    input_tokens          Nullable(UInt64) COMMENT 'the whole prompt, cache included',
    output_tokens         Nullable(UInt64) COMMENT 'reasoning included',
    cache_read_tokens     Nullable(UInt64),
    cache_write_tokens    Nullable(UInt64),
    reasoning_tokens      Nullable(UInt64),
    response_id           String CODEC(ZSTD(1)),
    agent                 LowCardinality(String) COMMENT 'the identity on this very span',
    workflow_name         LowCardinality(String) COMMENT 'stands in where no agent is named (R6)',
    span_team             LowCardinality(String) COMMENT 'dimensions: span_ from the span (and its ingest key), resource_ from the resource (R8)',
    span_department       LowCardinality(String),
    span_cost_center      LowCardinality(String),
    span_project          LowCardinality(String),
    span_environment      LowCardinality(String),
    span_user             String CODEC(ZSTD(1)),
    span_session          String CODEC(ZSTD(1)),
    span_task             String CODEC(ZSTD(1)),
    span_workflow         LowCardinality(String),
    resource_team         LowCardinality(String),
    resource_department   LowCardinality(String),
    resource_cost_center  LowCardinality(String),
    resource_project      LowCardinality(String),
    resource_environment  LowCardinality(String),
    resource_user         String CODEC(ZSTD(1)),
    resource_session      String CODEC(ZSTD(1)),
    resource_task         String CODEC(ZSTD(1)),
    resource_workflow     LowCardinality(String),

    -- What the prices said (attribution/prices).
    bucket                LowCardinality(String) COMMENT 'llm, tool, compute, storage, orchestration, human_review, platform',
    cost                  Nullable(Decimal(38, 12)) COMMENT 'USD; NULL: unknown, 0: free or nothing to bill',
    cost_source           LowCardinality(String) COMMENT 'reported, contract, priced, rule, unpriced, none',
    price_id              LowCardinality(String),
    reported_cost         Nullable(Decimal(38, 12)) COMMENT 'what the emitter said',
    computed_cost         Nullable(Decimal(38, 12)) COMMENT 'what the prices say'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(start_time)
ORDER BY (trace_id, span_id)
SETTINGS index_granularity = 1024, min_compress_block_size = 16384
