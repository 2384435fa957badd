-- Purpose: Stores the attributes of spans for which the table holds {several} contents with one start, because the table cannot tell which
--          of them was taken.
-- Grain: a span
-- Holds: Prompts and completions are left out. Of equal versions the last one inserted stays.
INSERT INTO span_records
WITH
    (k) -> NOT (k IN {content_keys:Array(String)} OR arrayExists(beginning -> startsWith(k, beginning), {content_prefixes:Array(String)}))
        AS is_kept,
    (pairs) -> mapFilter((k, v) -> is_kept(k), CAST(pairs, 'Map(LowCardinality(String), String)')) AS kept
SELECT
    stored.* REPLACE
    (
        '' AS source_table,
        source.TraceState AS trace_state,
        source.StatusMessage AS status_message,
        source.ScopeVersion AS scope_version,
        CAST(source.ResourceAttributes, 'Map(LowCardinality(String), String)') AS resource,
        kept(source.SpanAttributes) AS attributes,
        source.`Events.Timestamp` AS event_times,
        source.`Events.Name` AS event_names,
        arrayMap(event -> kept(event), source.`Events.Attributes`) AS event_attributes,
        source.`Links.TraceState` AS link_trace_states,
        arrayMap(link -> kept(link), source.`Links.Attributes`) AS link_attributes
    )
FROM
(
    SELECT *
    FROM span_records FINAL
    WHERE (trace_id, span_id, version) IN (SELECT trace_id, span_id, version FROM {several:Identifier})
) AS stored
INNER ANY JOIN
(
    SELECT *, {content} AS content
    FROM {database:Identifier}.{table:Identifier}
    WHERE Timestamp >= fromUnixTimestamp64Nano({first_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({last_ns:Int64})
        AND (TraceId, SpanId, content) IN (SELECT trace_id, span_id, content FROM {several:Identifier})
) AS source ON source.TraceId = stored.trace_id AND source.SpanId = stored.span_id
