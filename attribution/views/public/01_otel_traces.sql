-- View: otel_traces
-- Purpose: The spans in the layout of the OpenTelemetry Collector's ClickHouse exporter, so that its tools read them; also of spans that
--          are in an existing table.
-- Grain: a span, resends counted once (TraceId, SpanId)
-- Joins: attributed_spans on TraceId = trace_id AND SpanId = span_id
-- Columns:
--     Timestamp DateTime64(9, 'UTC'): start of the span
--     TraceId String: trace, 32 hex digits
--     SpanId String: span, 16 hex digits
--     ParentSpanId String: the span above it; empty: it is a root
--     TraceState String: W3C trace state
--     SpanName LowCardinality(String): name of the span
--     SpanKind LowCardinality(String): Unspecified, Internal, Server, Client, Producer or Consumer
--     ServiceName LowCardinality(String): service.name of the resource
--     ResourceAttributes Map(LowCardinality(String), String): attributes of the resource
--     ScopeName LowCardinality(String): instrumentation scope
--     ScopeVersion LowCardinality(String): version of the scope
--     SpanAttributes Map(LowCardinality(String), String): attributes of the span
--     Duration UInt64: ns
--     StatusCode LowCardinality(String): Unset, Ok or Error
--     StatusMessage String: message of an error
--     Events.Timestamp Array(DateTime64(9, 'UTC')): times of its events
--     Events.Name Array(LowCardinality(String)): names of its events
--     Events.Attributes Array(Map(LowCardinality(String), String)): attributes of its events
--     Links.TraceId Array(String): traces that it links to
--     Links.SpanId Array(String): spans that it links to
--     Links.TraceState Array(String): trace states of its links
--     Links.Attributes Array(Map(LowCardinality(String), String)): attributes of its links
-- Example: SELECT ServiceName, count() AS spans FROM otel_traces GROUP BY ServiceName ORDER BY spans DESC
SELECT
    start_time        AS Timestamp,
    trace_id          AS TraceId,
    span_id           AS SpanId,
    parent_span_id    AS ParentSpanId,
    trace_state       AS TraceState,
    name              AS SpanName,
    kind              AS SpanKind,
    service           AS ServiceName,
    resource          AS ResourceAttributes,
    scope_name        AS ScopeName,
    scope_version     AS ScopeVersion,
    attributes        AS SpanAttributes,
    duration_ns       AS Duration,
    status            AS StatusCode,
    status_message    AS StatusMessage,
    event_times       AS `Events.Timestamp`,
    event_names       AS `Events.Name`,
    event_attributes  AS `Events.Attributes`,
    link_trace_ids    AS `Links.TraceId`,
    link_span_ids     AS `Links.SpanId`,
    link_trace_states AS `Links.TraceState`,
    -- Of pruned content nothing is left, and nested columns are of one length; resizing would change the type of the keys.
    CAST(arrayResize(link_attributes, length(link_trace_ids)), 'Array(Map(LowCardinality(String), String))') AS `Links.Attributes`
FROM span_contents
WHERE pruned != 'span'
