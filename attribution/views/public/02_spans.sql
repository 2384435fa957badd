-- View: spans
-- Purpose: Every span with what it used and what that costs, but for those that were let go of (view `prunings`).
-- Grain: a span, resends counted once, the latest content (trace_id, span_id, sender)
-- Joins: attributed_spans, ledger and decisions on trace_id, span_id; traces on trace_id
-- Columns:
--     trace_id String: trace, 32 hex digits
--     span_id String: span, 16 hex digits
--     parent_span_id String: the span above it; empty: it is a root
--     name LowCardinality(String): name of the span
--     kind LowCardinality(String): Unspecified, Internal, Server, Client, Producer or Consumer
--     service LowCardinality(String): service.name of its resource
--     start_time DateTime64(9, 'UTC'): when it began
--     end_time DateTime64(9, 'UTC'): when it ended
--     duration_ns UInt64: how long it took, ns
--     status LowCardinality(String): Unset, Ok or Error
--     provider LowCardinality(String): who bills the call
--     model LowCardinality(String): the model that answered, else the one that was asked for
--     input_tokens Nullable(UInt64): the whole prompt, cache included; NULL: unknown
--     output_tokens Nullable(UInt64): the whole answer, reasoning included; NULL: unknown
--     cache_read_tokens Nullable(UInt64): part of input_tokens that came from a cache; NULL: unknown
--     cache_write_tokens Nullable(UInt64): part of input_tokens that was written to a cache; NULL: unknown
--     reasoning_tokens Nullable(UInt64): part of output_tokens; NULL: unknown
--     bucket LowCardinality(String): kind of cost: llm, tool, compute, storage, orchestration, human_review or platform
--     cost Nullable(Decimal(38, 12)): the span's own figure in USD, billed or not; NULL: unknown, 0: free or nothing to bill
--     cost_source LowCardinality(String): reported, contract, priced, rule, unpriced or none
--     price_id LowCardinality(String): the price that was used
--     attributes Map(LowCardinality(String), String): attributes of the span
--     resource Map(LowCardinality(String), String): attributes of its resource
--     usage LowCardinality(String): what the figures are: leaf (one call), aggregate (totals) or none
--     reported_cost Nullable(Decimal(38, 12)): USD that the emitter reported; NULL: nothing
--     computed_cost Nullable(Decimal(38, 12)): USD that the prices say; NULL: unknown
--     response_id String: id of the provider's response
--     repriced_at Nullable(DateTime64(9, 'UTC')): when a later price book priced the span again; NULL: it was priced on receipt
--     own_time_rate Nullable(Decimal(38, 18)): USD a second of the span's own time; NULL: none, or not known
--     own_time_price_id LowCardinality(String): the rule that prices the own time; empty: none
--     task_type String: kind of the task, as the span names it, else its resource
--     sender LowCardinality(String): who sent it, by the ingest key; empty: there are no keys
--     signal LowCardinality(String): what it was sent as: span or log; file: it was kept in one and imported
-- Holds: Time that is paid by the second is in `cost` as a whole where a rule made the price. It comes on top of `cost` (own_time_price_id
--        is not price_id) where the span repeats totals. `attributed_spans` says what is billed.
-- Example: SELECT model, sum(input_tokens) AS input, sum(output_tokens) AS output FROM spans GROUP BY model ORDER BY input DESC
SELECT
    trace_id,
    span_id,
    parent_span_id,
    name,
    kind,
    service,
    start_time,
    start_time + toIntervalNanosecond(duration_ns) AS end_time,
    duration_ns,
    status,
    provider,
    model,
    input_tokens,
    output_tokens,
    cache_read_tokens,
    cache_write_tokens,
    reasoning_tokens,
    bucket,
    cost,
    cost_source,
    price_id,
    attributes,
    resource,
    CAST(usage, 'LowCardinality(String)') AS usage,
    reported_cost,
    computed_cost,
    response_id,
    repriced_at,
    own_time_rate,
    own_time_price_id,
    if(span_task_type != '', span_task_type, resource_task_type) AS task_type,
    sender,
    signal
FROM span_contents
WHERE pruned != 'span'
