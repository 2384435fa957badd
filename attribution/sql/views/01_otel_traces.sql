-- Purpose: the spans in the layout of the OpenTelemetry Collector's ClickHouse exporter, so that its tools read them.
-- Grain:   span, resends counted once.
CREATE OR REPLACE VIEW otel_traces AS
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
    link_attributes   AS `Links.Attributes`
FROM span_contents
