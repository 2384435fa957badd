-- Purpose: every span with what it used and what that costs.
-- Grain:   span, resends counted once, the latest content (R1).
-- Columns: task_type: the kind of its task, as the span itself names it, else its resource; repriced_at: when a later price book priced
--          it anew, NULL: priced on receipt.
-- Holds:   cost is the span's own figure, whether it is billed or not: NULL is unknown, 0 is free; time that is paid by the second is in
--          it as a whole where a rule made the price, and beside it (own_time_price_id is not price_id) where the span repeats
--          totals. What is billed: attributed_spans.
CREATE OR REPLACE VIEW spans AS
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
    if(span_task_type != '', span_task_type, resource_task_type) AS task_type
FROM span_contents
