-- Purpose: A trace, as Grafana's trace view reads it.
-- Grain: a span
SELECT
    TraceId AS traceID,
    SpanId AS spanID,
    ParentSpanId AS parentSpanID,
    ServiceName AS serviceName,
    SpanName AS operationName,
    Timestamp AS startTime,
    Duration * 0.000001 AS duration,
    arrayMap(key -> map('key', key, 'value', SpanAttributes[key]), mapKeys(SpanAttributes)) AS tags,
    arrayMap(key -> map('key', key, 'value', ResourceAttributes[key]), mapKeys(ResourceAttributes)) AS serviceTags
FROM spanledger.otel_traces
WHERE TraceId = '${trace_id}'
ORDER BY startTime
LIMIT 5000
