-- Purpose: The next stored spans of the given days and models, or of these only some ({only}, where any are named), with what reading and
--          pricing them again needs.
-- Grain: a span, at its latest content; in the order of their keys after (after_trace, after_span, after_sender), rows_max of them
-- Columns: attributes: only those under {keys}, of spans in a table those under {answers} too, with those of events of {event_scopes},
--          which begin with {events}; has_contents: whether they can be read, because a table may have dropped them.
WITH
    chosen_spans AS
    (
        SELECT trace_id, span_id, sender
        FROM span_records FINAL
        WHERE trace_id >= {after_trace:String}
            AND (trace_id, span_id, sender) > ({after_trace:String}, {after_span:String}, {after_sender:String})
            AND start_time >= fromUnixTimestamp64Nano({first_ns:Int64}, 'UTC')
            AND start_time < fromUnixTimestamp64Nano({last_ns:Int64}, 'UTC')
            AND ({model:String} = '' OR match(model, {model:String}))
            AND (empty({only:Array(Tuple(String, String, String))}) OR (trace_id, span_id, toString(sender)) IN {only:Array(Tuple(String, String, String))})
        ORDER BY trace_id, span_id, sender
        LIMIT {rows_max:UInt64}
    )
SELECT
    trace_id, span_id, toString(sender) AS sender, version, name, service, scope_name, toString(status) AS status,
    toUnixTimestamp64Nano(start_time) AS start_ns,
    duration_ns,
    mapUpdate(
        CAST(
            mapFilter((k, v) -> k IN {keys:Array(String)} OR (k IN {answers:Array(String)} AND source_table != ''), attributes),
            'Map(String, String)'),
        arrayFold(
            (merged, event) -> mapUpdate(
                merged, mapFilter((k, v) -> k IN {keys:Array(String)}, mapApply((k, v) -> (concat({events:String}, k), v), event))),
            if(
                scope_name IN {event_scopes:Array(String)},
                CAST(event_attributes, 'Array(Map(String, String))'),
                CAST([], 'Array(Map(String, String))')),
            CAST(map(), 'Map(String, String)'))) AS attributes,
    toString(usage) AS usage,
    provider, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
    bucket, cost, cost_source, price_id, reported_cost, computed_cost, request_fees, own_time_rate, own_time_price_id, knowledge, priced_by,
    told_above, has_contents
FROM span_contents
WHERE (trace_id, span_id, span_contents.sender) IN (SELECT trace_id, span_id, sender FROM chosen_spans)
    AND start_time >= fromUnixTimestamp64Nano({first_ns:Int64}, 'UTC')
    AND start_time < fromUnixTimestamp64Nano({last_ns:Int64}, 'UTC')
ORDER BY trace_id, span_id, sender
