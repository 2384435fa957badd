-- Purpose: Spans of a table of the Collector's exporter, with what reading and pricing them needs: all spans that start in a stretch of
--          time (a {part} of {parts} of them), or of these only the {changes}.
-- Grain: a content of a span, at most {contents_max} of a span
-- Columns: attributes: those under {keys}, of those under {quoted} only the ids in them, those under {bounded} only up to {characters_max},
--          and of events of {event_scopes} those under {keys}, which there begin with {events}; resource: those under {resource_keys};
--          several: the table holds other contents of this span with the same start; holds: how much the content holds and a hash of it,
--          as in `span_records.version`.
WITH
    (k) -> NOT (k IN {content_keys:Array(String)} OR arrayExists(beginning -> startsWith(k, beginning), {content_prefixes:Array(String)}))
        AS is_kept,
    (k) -> is_kept(k) AND NOT startsWith(k, 'spanledger.') AND k != 'gen_ai.usage.cost' AS is_compared
SELECT
    trace_id, span_id, parent_span_id, name, kind, service, start_ns, duration_ns, status, scope_name, link_trace_ids, link_span_ids,
    attributes, resource, several, content, holds
FROM
(
    SELECT
        TraceId AS trace_id,
        SpanId AS span_id,
        ParentSpanId AS parent_span_id,
        SpanName AS name,
        -- Early exporters wrote SPAN_KIND_CLIENT and STATUS_CODE_OK.
        initcap(lower(replaceOne(SpanKind, 'SPAN_KIND_', ''))) AS kind,
        ServiceName AS service,
        toUnixTimestamp64Nano(Timestamp) AS start_ns,
        -- A span that has not ended is written as one that ended in 1970.
        if(Duration > 0 AND Duration < 4611686018427387904, toUInt64(Duration), 0) AS duration_ns,
        initcap(lower(replaceOne(StatusCode, 'STATUS_CODE_', ''))) AS status,
        ScopeName AS scope_name,
        `Links.TraceId` AS link_trace_ids,
        `Links.SpanId` AS link_span_ids,
        mapUpdate(
            CAST(
                mapApply(
                    (k, v) -> (k, if(k IN {quoted:Array(String)}, arrayStringConcat(extractAll(v, '"id": ?"[^"]*"')), v)),
                    mapFilter(
                        (k, v) -> NOT (k IN {bounded:Array(String)} AND lengthUTF8(v) > {characters_max:UInt64}),
                        mapFilter((k, v) -> k IN {keys:Array(String)}, SpanAttributes))),
                'Map(String, String)'),
            arrayFold(
                (merged, event) -> mapUpdate(
                    merged, mapFilter((k, v) -> k IN {keys:Array(String)}, mapApply((k, v) -> (concat({events:String}, k), v), event))),
                if(
                    ScopeName IN {event_scopes:Array(String)},
                    CAST(`Events.Attributes`, 'Array(Map(String, String))'),
                    CAST([], 'Array(Map(String, String))')),
                CAST(map(), 'Map(String, String)'))) AS attributes,
        mapFilter((k, v) -> k IN {resource_keys:Array(String)}, ResourceAttributes) AS resource,
        {content} AS content,
        bitShiftLeft(least(127, toUInt64(6 * log2(1 + arraySum(
            (k, v) -> if(is_compared(k), length(k) + length(v), 0), mapKeys(SpanAttributes), mapValues(SpanAttributes))))), 5)
            + bitAnd(31, cityHash64(
                parent_span_id, TraceState, name, kind, service, status, StatusMessage, scope_name, '', `Events.Name`, link_trace_ids, link_span_ids,
                arraySum((k, v) -> if(is_kept(k), cityHash64(k, v), 0), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)),
                arraySum((k, v) -> if(is_compared(k), cityHash64(k, v), 0), mapKeys(SpanAttributes), mapValues(SpanAttributes)))) AS holds,
        min(content) OVER delivered != max(content) OVER delivered AS several
    FROM {database:Identifier}.{table:Identifier}
    WHERE Timestamp >= fromUnixTimestamp64Nano({first_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({last_ns:Int64})
        AND TraceId != '' AND SpanId != ''
        AND ({parts:UInt64} = 1 OR cityHash64(TraceId, SpanId) % {parts:UInt64} = {part:UInt64})
        AND (NOT {changed:Bool} OR (TraceId, SpanId) IN (
            SELECT trace_id, span_id
            FROM {changes:Identifier}
            WHERE Timestamp >= fromUnixTimestamp64Nano({first_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({last_ns:Int64})))
    WINDOW delivered AS (PARTITION BY TraceId, SpanId, Timestamp)
    LIMIT 1 BY TraceId, SpanId, Timestamp, content
)
ORDER BY start_ns + toInt64(duration_ns) DESC, content DESC
LIMIT {contents_max:UInt64} BY trace_id, span_id
