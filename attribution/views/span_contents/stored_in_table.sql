-- Purpose: Spans whose attributes are in a table of the Collector's exporter.
-- Grain: a span, resends counted once, the latest content (R1)
-- Columns: those of `span_records`; has_contents: whether its attributes can be read: the table may drop them after a while (TTL).
-- Holds: {source_table} and {name} are replaced by the table, as text and as a name. The start is a join key too, so that a condition on a
--        time or a trace reads only that part of the table.
SELECT
    stored.* REPLACE
    (
        source.TraceState AS trace_state,
        source.StatusMessage AS status_message,
        toLowCardinality(source.ScopeVersion) AS scope_version,
        CAST(source.ResourceAttributes, 'Map(LowCardinality(String), String)') AS resource,
        CAST(source.SpanAttributes, 'Map(LowCardinality(String), String)') AS attributes,
        CAST(source.`Events.Timestamp`, 'Array(DateTime64(9, \'UTC\'))') AS event_times,
        CAST(source.`Events.Name`, 'Array(LowCardinality(String))') AS event_names,
        CAST(source.`Events.Attributes`, 'Array(Map(LowCardinality(String), String))') AS event_attributes,
        source.`Links.TraceState` AS link_trace_states,
        CAST(source.`Links.Attributes`, 'Array(Map(LowCardinality(String), String))') AS link_attributes
    ),
    source.SpanId != '' AND pruned != 'span' AS has_contents
FROM
(
    SELECT *, is_fee, priced_by
    FROM span_records FINAL
    WHERE source_table = {source_table}
) AS stored
LEFT ANY JOIN {name} AS source ON source.TraceId = stored.trace_id AND source.SpanId = stored.span_id AND source.Timestamp = stored.start_time
