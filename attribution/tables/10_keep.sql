-- Purpose: stores the attributes of spans of which the table holds {several} contents with one start: it cannot say which stands.
-- Grain:   span.
-- Holds:   prompts and completions are left out; of equal versions the last one inserted stays.
INSERT INTO span_records
WITH
    (k) -> NOT (k IN {content_keys:Array(String)} OR arrayExists(beginning -> startsWith(k, beginning), {content_prefixes:Array(String)}))
        AS is_kept,
    (pairs) -> mapFilter((k, v) -> is_kept(k), CAST(pairs, 'Map(LowCardinality(String), String)')) AS kept
SELECT
    stored.* REPLACE
    (
        '' AS source_table,
        held.TraceState AS trace_state,
        held.StatusMessage AS status_message,
        held.ScopeVersion AS scope_version,
        CAST(held.ResourceAttributes, 'Map(LowCardinality(String), String)') AS resource,
        kept(held.SpanAttributes) AS attributes,
        held.`Events.Timestamp` AS event_times,
        held.`Events.Name` AS event_names,
        arrayMap(event -> kept(event), held.`Events.Attributes`) AS event_attributes,
        held.`Links.TraceState` AS link_trace_states,
        arrayMap(link -> kept(link), held.`Links.Attributes`) AS link_attributes
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
) AS held ON held.TraceId = stored.trace_id AND held.SpanId = stored.span_id
