-- Purpose: Every span as it was received, with what the conventions read and what the prices made of it.
-- Grain: a delivery of a span; rows of one (trace_id, span_id, sender) are one span, the highest version is its content (R1)
-- Holds: Ids are lowercase hex. '' is absent. NULL is unknown. cost is the span's own figure, billed or not. Compressed blocks are small: a
--        search for traces reads a granule of each.
CREATE TABLE IF NOT EXISTS span_records
(
    version               UInt64 DEFAULT
        bitShiftLeft(toUInt64(duration_ns > 0), 63)
        + bitShiftLeft(toUInt64(NOT (input_tokens IS NULL AND output_tokens IS NULL AND cache_read_tokens IS NULL AND reported_cost IS NULL)), 62)
        + bitShiftLeft(bitShiftRight(toUInt64(greatest(toUnixTimestamp64Nano(start_time), 0)) + duration_ns, 20), 19)
        + bitShiftLeft(least(127, toUInt64(6 * log2(1 + ifNull(input_tokens, 0) + ifNull(output_tokens, 0)))), 12)
        -- What pricing adds is no content.
        + bitShiftLeft(least(127, toUInt64(6 * log2(1 + arraySum(
            (k, v) -> if(startsWith(k, 'spanledger.') OR k = 'gen_ai.usage.cost', 0, length(k) + length(v)),
            mapKeys(attributes), mapValues(attributes))))), 5)
        + bitAnd(31, cityHash64(
            parent_span_id, trace_state, name, kind, service, status, status_message, scope_name, tags, event_names, link_trace_ids, link_span_ids,
            arraySum((k, v) -> cityHash64(k, v), mapKeys(resource), mapValues(resource)),
            arraySum(
                (k, v) -> if(startsWith(k, 'spanledger.') OR k = 'gen_ai.usage.cost', 0, cityHash64(k, v)),
                mapKeys(attributes), mapValues(attributes))))
        COMMENT 'which delivery goes before (R1), by its content alone: it has ended, has usage, ends last (to the ms), tells most tokens, holds most; the last bits are a hash',
    trace_id              String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1)),
    span_id               String COMMENT 'span, 16 hex digits' CODEC(ZSTD(1)),
    parent_span_id        String COMMENT 'the span above it; empty: a root' CODEC(ZSTD(1)),
    trace_state           String COMMENT 'W3C trace state',
    name                  LowCardinality(String) COMMENT 'its name',
    kind                  LowCardinality(String) COMMENT 'Unspecified, Internal, Server, Client, Producer, Consumer',
    service               LowCardinality(String) COMMENT 'service.name of the resource',
    start_time            DateTime64(9, 'UTC') COMMENT 'when it began',
    duration_ns           UInt64 COMMENT 'how long it took, ns',
    status                LowCardinality(String) COMMENT 'Unset, Ok, Error',
    status_message        String COMMENT 'message of an error',
    scope_name            LowCardinality(String) COMMENT 'instrumentation scope',
    scope_version         LowCardinality(String) COMMENT 'version of the scope',
    resource              Map(LowCardinality(String), String) COMMENT 'attributes of the resource' CODEC(ZSTD(1)),
    attributes            Map(LowCardinality(String), String) COMMENT 'attributes of the span' CODEC(ZSTD(1)),
    event_times           Array(DateTime64(9, 'UTC')) COMMENT 'times of its events',
    event_names           Array(LowCardinality(String)) COMMENT 'names of its events',
    event_attributes      Array(Map(LowCardinality(String), String)) COMMENT 'attributes of its events',
    link_trace_ids        Array(String) COMMENT 'traces that it links to',
    link_span_ids         Array(String) COMMENT 'spans that it links to',
    link_trace_states     Array(String) COMMENT 'trace states of its links',
    link_attributes       Array(Map(LowCardinality(String), String)) COMMENT 'attributes of its links',

    -- What the conventions read (attribution/conventions).
    usage                 Enum8('none' = 0, 'leaf' = 1, 'aggregate' = 2) COMMENT 'what the figures are (R4)',
    provider              LowCardinality(String) COMMENT 'who bills',
    model                 LowCardinality(String) COMMENT 'the model',
    input_tokens          Nullable(UInt64) COMMENT 'the whole prompt, cache included',
    output_tokens         Nullable(UInt64) COMMENT 'reasoning included',
    cache_read_tokens     Nullable(UInt64) COMMENT 'part of input_tokens that came from a cache',
    cache_write_tokens    Nullable(UInt64) COMMENT 'part of input_tokens that was written to a cache',
    reasoning_tokens      Nullable(UInt64) COMMENT 'part of output_tokens',
    response_id           String COMMENT 'id of the provider''s response' CODEC(ZSTD(1)),
    agent                 LowCardinality(String) COMMENT 'the identity on this very span',
    workflow_name         LowCardinality(String) COMMENT 'stands in where no agent is named (R6)',
    span_team             LowCardinality(String) COMMENT 'dimensions: span_ from the span (and its ingest key), resource_ from the resource (R8)',
    span_department       LowCardinality(String) COMMENT 'department that the span or its ingest key names (R8)',
    span_cost_center      LowCardinality(String) COMMENT 'cost_center that the span or its ingest key names (R8)',
    span_project          LowCardinality(String) COMMENT 'project that the span or its ingest key names (R8)',
    span_environment      LowCardinality(String) COMMENT 'environment that the span or its ingest key names (R8)',
    span_user             String COMMENT 'user that the span or its ingest key names (R8)' CODEC(ZSTD(1)),
    span_session          String COMMENT 'session that the span or its ingest key names (R8)' CODEC(ZSTD(1)),
    span_task             String COMMENT 'task that the span or its ingest key names (R8)' CODEC(ZSTD(1)),
    span_workflow         LowCardinality(String) COMMENT 'workflow that the span or its ingest key names (R8)',
    resource_team         LowCardinality(String) COMMENT 'team that the resource names (R8)',
    resource_department   LowCardinality(String) COMMENT 'department that the resource names (R8)',
    resource_cost_center  LowCardinality(String) COMMENT 'cost_center that the resource names (R8)',
    resource_project      LowCardinality(String) COMMENT 'project that the resource names (R8)',
    resource_environment  LowCardinality(String) COMMENT 'environment that the resource names (R8)',
    resource_user         String COMMENT 'user that the resource names (R8)' CODEC(ZSTD(1)),
    resource_session      String COMMENT 'session that the resource names (R8)' CODEC(ZSTD(1)),
    resource_task         String COMMENT 'task that the resource names (R8)' CODEC(ZSTD(1)),
    resource_workflow     LowCardinality(String) COMMENT 'workflow that the resource names (R8)',

    -- What the prices said (attribution/prices).
    bucket                LowCardinality(String) COMMENT 'llm, tool, compute, storage, orchestration, human_review, platform',
    cost                  Nullable(Decimal(38, 12)) COMMENT 'USD; NULL: unknown, 0: free or nothing to bill',
    cost_source           LowCardinality(String) COMMENT 'reported, contract, priced, rule, unpriced, none',
    price_id              LowCardinality(String) COMMENT 'the price that was used',
    reported_cost         Nullable(Decimal(38, 12)) COMMENT 'what the emitter said',
    computed_cost         Nullable(Decimal(38, 12)) COMMENT 'what the prices say',

    -- What repricing noted. A fee is set by rule (unpriced where the rule counts what the span does not say) and stands beside the calls;
    -- a call that a rule prices (GPU time, a platform's flat price) is a call all the same: totals above it repeat it (R4). A provider's tool
    -- has a price in the book, and is a fee.
    repriced_at           Nullable(DateTime64(9, 'UTC')) COMMENT 'when a later price book priced it again; NULL: priced on receipt',
    repriced_from         LowCardinality(String) COMMENT 'what it was priced by before',
    is_fee                Bool ALIAS ((cost_source = 'rule' OR (cost_source = 'unpriced' AND startsWith(price_id, 'rule:')))
            AND NOT (bucket IN ('compute', 'platform') AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL)))
        OR (bucket = 'tool' AND cost_source = 'priced' AND model = '')
        COMMENT 'the price is a fee, which is no part of what totals above it repeat',

    -- What a second of its own time costs. Where own_time_price_id is the price_id too, cost holds the time of the whole span and
    -- attribution replaces it by the own time; else the time stands beside the cost.
    own_time_rate         Nullable(Decimal(38, 18)) COMMENT 'USD a second; NULL: none, or the currency of the rule had no rate yet',
    own_time_price_id     LowCardinality(String) COMMENT 'empty: its time costs nothing',
    priced_by             String ALIAS concat(
        if(price_id != '', toString(price_id), toString(cost_source)),
        if(own_time_price_id IN ('', price_id), '', concat('+', toString(own_time_price_id))))
        COMMENT 'all prices that were used, for a repricing to name',

    -- What every request of the model costs is not in it.
    request_fees          Nullable(Decimal(38, 12))
        COMMENT 'USD of cost for more than tokens (web searches, pages ...); NULL: there is none, or it is unknown, as in reported costs',

    -- Of a span whose attributes are in a table of the Collector's exporter, the maps and texts here are empty: nothing is stored twice.
    source_table          LowCardinality(String) COMMENT 'database.table that holds its attributes; empty: this one does',
    span_task_type        LowCardinality(String) COMMENT 'kind of its task, on the span; an ingest key never sets it',
    resource_task_type    LowCardinality(String) COMMENT 'the same on the resource',

    -- Of several records of one call the one that knows most is billed (R4); attribution/prices/knowledge.py has the order. Rows that are
    -- older know of web searches and the like, or nothing.
    knowledge             UInt16 DEFAULT if(request_fees IS NULL, 0, 128) COMMENT 'how much the record knows of its call',

    -- Who sent it. The tags of the ingest key bind: attributes of the span that say otherwise are not among its dimensions.
    sender                LowCardinality(String) COMMENT 'who sent it, by the ingest key; empty: there are no keys',
    signal                LowCardinality(String) DEFAULT 'span' COMMENT 'span, log, file',
    tags                  LowCardinality(String) COMMENT 'tags of the ingest key as JSON, with what the span fills in blanks they leave (client_)',

    told_above            String COMMENT 'JSON of what the spans above tell of the call and this one leaves out; empty: nothing, or not looked for',

    -- What attribution reads is never let go of, because a late record of the same call or trace must find it.
    pruned                Enum8('no' = 0, 'content' = 1, 'span' = 2) COMMENT 'what was let go of: its content, or all but its figures',

    -- Spans are of one profile when all these columns agree; it is hashed again whenever a row is written.
    profile               UInt64 MATERIALIZED cityHash64(
        usage, agent, workflow_name, service, provider, model, bucket, cost_source, price_id,
        ifNull(toString(own_time_rate), ''), own_time_price_id, ifNull(toString(repriced_at), ''), repriced_from,
        input_tokens IS NULL, output_tokens IS NULL, cost IS NULL, request_fees IS NULL, knowledge,
        resource_team, resource_department, resource_cost_center, resource_project, resource_environment,
        resource_user, resource_session, resource_task, resource_workflow, sender, signal, scope_name, tags) COMMENT 'hash of all that many spans have in common' CODEC(LZ4)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(start_time)
PRIMARY KEY (trace_id, span_id)
ORDER BY (trace_id, span_id, sender)
SETTINGS index_granularity = 1024, min_compress_block_size = 16384
