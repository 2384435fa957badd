-- Purpose: spans whose attributes are in a table of the Collector's exporter.
-- Grain:   span, resends counted once, the latest content (R1). {source_table} and {name} are put in: the table, as text and as a name.
-- Columns: those of `span_records`; has_contents: whether its attributes can be read: the table may drop them after a while (TTL).
-- Holds:   joined by start as well, so that asking for a time or a trace reads only that of the table.
SELECT
    stored.* REPLACE
    (
        held.TraceState AS trace_state,
        held.StatusMessage AS status_message,
        toLowCardinality(held.ScopeVersion) AS scope_version,
        CAST(held.ResourceAttributes, 'Map(LowCardinality(String), String)') AS resource,
        CAST(held.SpanAttributes, 'Map(LowCardinality(String), String)') AS attributes,
        CAST(held.`Events.Timestamp`, 'Array(DateTime64(9, \'UTC\'))') AS event_times,
        CAST(held.`Events.Name`, 'Array(LowCardinality(String))') AS event_names,
        CAST(held.`Events.Attributes`, 'Array(Map(LowCardinality(String), String))') AS event_attributes,
        held.`Links.TraceState` AS link_trace_states,
        CAST(held.`Links.Attributes`, 'Array(Map(LowCardinality(String), String))') AS link_attributes
    ),
    held.SpanId != '' AS has_contents
FROM
(
    SELECT *, is_fee, priced_by
    FROM span_records FINAL
    WHERE source_table = {source_table}
) AS stored
LEFT ANY JOIN {name} AS held ON held.TraceId = stored.trace_id AND held.SpanId = stored.span_id AND held.Timestamp = stored.start_time
