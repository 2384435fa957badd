-- Purpose: Parses deliveries as they came off the wire in ClickHouse, and inserts their spans into `span_records`.
-- Grain: a span
-- Holds: `source` is the table function that yields the deliveries: file() embedded, input() over HTTP. `span_facts` and `resource_facts`
--        are the columns of Facts as arrays of named tuples. All three are put in from delivery.proto. Facts belong to spans by their
--        position, so the lengths must agree. Billable spans carry their annotation. If content is dropped, no attribute of a
--        resource, span, event or link whose key matches `content` is kept, and no member of a map. Arrays and maps become JSON text. Where
--        they hold arrays or maps, the text is that of the facts `nested`, `event_nested` and `resource_nested`; of links it is base64, or
--        null where content is dropped, for nobody knows what is in them.
INSERT INTO span_records
(
    trace_id, span_id, parent_span_id, trace_state, name, kind, service, start_time, duration_ns, status, status_message,
    scope_name, scope_version, resource, attributes, event_times, event_names, event_attributes,
    link_trace_ids, link_span_ids, link_trace_states, link_attributes,
    usage, provider, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
    response_id, agent, workflow_name,
    span_team, span_department, span_cost_center, span_project, span_environment, span_user, span_session, span_task, span_workflow, span_task_type,
    resource_team, resource_department, resource_cost_center, resource_project, resource_environment, resource_user, resource_session,
    resource_task, resource_workflow, resource_task_type,
    bucket, cost, cost_source, price_id, reported_cost, computed_cost, request_fees, own_time_rate,
    own_time_price_id, knowledge, sender, signal, tags
)
WITH
    (v) -> v.value IN ('int_value', 'double_value', 'bool_value') AS is_number,
    (v) -> multiIf(
        v.value = 'int_value', toString(v.int_value),
        v.value = 'double_value', toString(v.double_value),
        if(v.bool_value, 'true', 'false')) AS number_text,
    (v) -> multiIf(
        is_number(v), number_text(v),
        v.value = 'no_value' OR (v.value IN ('array_value', 'kvlist_value') AND content != ''), 'null',
        toJSONString(multiIf(
            v.value = 'string_value', v.string_value,
            v.value = 'bytes_value', base64Encode(v.bytes_value),
            v.value = 'array_value', base64Encode(v.array_value),
            v.value = 'kvlist_value', base64Encode(v.kvlist_value),
            ''))) AS inner_json,
    (k) -> content != '' AND match(k, content) AS is_content,
    -- Usage has members that are called as content is: `input: 12`.
    (m) -> is_content(m.key) AND NOT is_number(m.value)
        AND NOT (m.value.value = 'string_value' AND match(m.value.string_value, '^[-+0-9.eE]{1,40}$')) AS is_content_member,
    (v) -> multiIf(
        v.value = 'string_value', v.string_value,
        is_number(v), number_text(v),
        v.value = 'bytes_value', base64Encode(v.bytes_value),
        v.value = 'array_value', concat('[', arrayStringConcat(arrayMap(w -> inner_json(w), v.array_value.values), ','), ']'),
        v.value = 'kvlist_value', concat(
            '{', arrayStringConcat(
                arrayMap(
                    m -> concat(toJSONString(m.key), ':', inner_json(m.value)), arrayFilter(m -> NOT is_content_member(m), v.kvlist_value.values)),
                ','),
            '}'),
        '') AS text,
    (pairs) -> mapFilter(
        (k, _) -> NOT is_content(k),
        mapFromArrays(pairs.key, arrayMap(v -> text(v), pairs.value))) AS kept,
    (texts) -> mapFilter((k, _) -> NOT is_content(k), JSONExtract(texts, 'Map(String, String)')) AS deep,
    (id) -> lower(hex(id)) AS hex_id,
    (n) -> if(n < 0, NULL, toUInt64(n)) AS known,
    (amount) -> toDecimal128OrNull(amount, 12) AS money,
    (n) -> if(n < 0, '', toString(n)) AS count_text,
    if(resource_fact.resource_nested = '', resource_map, mapUpdate(resource_map, deep(resource_fact.resource_nested))) AS resource_attributes,
    if(fact.nested = '', kept_of_each[1], mapUpdate(kept_of_each[1], deep(fact.nested))) AS own_attributes,
    if(
        fact.usage = 'leaf',
        mapFilter(
            (_, v) -> v != '',
            map(
                'spanledger.cost.usd', fact.cost,
                'spanledger.cost.source', fact.cost_source,
                'spanledger.cost.price_id', fact.price_id,
                'spanledger.bucket', fact.bucket,
                'spanledger.tokens.input', count_text(fact.input_tokens),
                'spanledger.tokens.output', count_text(fact.output_tokens),
                'spanledger.tokens.cache_read', count_text(fact.cache_read_tokens),
                'spanledger.tokens.cache_write', count_text(fact.cache_write_tokens),
                'spanledger.tokens.reasoning', count_text(fact.reasoning_tokens),
                'spanledger.answer', fact.told,
                'gen_ai.usage.cost', if(
                    mapContains(own_attributes, 'gen_ai.usage.cost') OR fact.cost = '', '', toString(toFloat64(fact.cost))))),
        map()) AS annotation
SELECT
    hex_id(span.trace_id),
    hex_id(span.span_id),
    hex_id(span.parent_span_id),
    span.trace_state,
    span.name,
    ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'][if(span.kind BETWEEN 0 AND 5, span.kind, 0) + 1],
    resource_attributes['service.name'],
    fromUnixTimestamp64Nano(toInt64(span.start_time_unix_nano), 'UTC'),
    -- A span cannot end before it starts, nor after the last nanosecond that a DateTime64 knows.
    greatest(least(span.end_time_unix_nano, 9223372036854775807), span.start_time_unix_nano) - span.start_time_unix_nano,
    ['Unset', 'Ok', 'Error'][if(span.status.code BETWEEN 0 AND 2, span.status.code, 0) + 1],
    span.status.message,
    scope.name,
    scope.version,
    resource_attributes,
    mapUpdate(own_attributes, annotation),
    arrayMap(e -> fromUnixTimestamp64Nano(toInt64(e.time_unix_nano), 'UTC'), span.events),
    span.events.name,
    arrayMap(
        (own, place) -> if(fact.event_nested = '', own, mapUpdate(own, deep(JSONExtractRaw(fact.event_nested, toString(place))))),
        arraySlice(kept_of_each, 2, length(span.events)),
        arrayEnumerate(span.events)),
    arrayMap(l -> hex_id(l.trace_id), span.links),
    arrayMap(l -> hex_id(l.span_id), span.links),
    span.links.trace_state,
    arraySlice(kept_of_each, 2 + length(span.events)),
    fact.usage,
    fact.provider,
    fact.model,
    known(fact.input_tokens),
    known(fact.output_tokens),
    known(fact.cache_read_tokens),
    known(fact.cache_write_tokens),
    known(fact.reasoning_tokens),
    fact.response_id,
    fact.agent,
    fact.workflow_name,
    fact.team,
    fact.department,
    fact.cost_center,
    fact.project,
    fact.environment,
    fact.user,
    fact.session,
    fact.task,
    fact.workflow,
    fact.task_type,
    resource_fact.resource_team,
    resource_fact.resource_department,
    resource_fact.resource_cost_center,
    resource_fact.resource_project,
    resource_fact.resource_environment,
    resource_fact.resource_user,
    resource_fact.resource_session,
    resource_fact.resource_task,
    resource_fact.resource_workflow,
    resource_fact.resource_task_type,
    fact.bucket,
    money(fact.cost),
    fact.cost_source,
    fact.price_id,
    money(fact.reported_cost),
    money(fact.computed_cost),
    money(fact.request_fees),
    toDecimal128OrNull(fact.own_time_rate, 18),
    fact.own_time_price_id,
    toUInt16(greatest(fact.knowledge, 0)),
    sender,
    signal,
    fact.tags
FROM
(
    SELECT
        sender,
        signal,
        content,
        resource_map,
        resource_fact,
        scope,
        span,
        fact,
        -- Of the span, its events and its links.
        arrayMap(pairs -> kept(pairs), arrayConcat([span.attributes], span.events.attributes, span.links.attributes)) AS kept_of_each
    FROM
    (
        SELECT
            sender,
            signal,
            content,
            resource_map,
            resource_fact,
            scope_spans.scope AS scope,
            scope_spans.spans AS spans_of_scope,
            before,
            arraySlice(resource_facts, before - before_resource + 1, length(scope_spans.spans)) AS facts_of_scope
        FROM
        (
            SELECT
                sender,
                signal,
                content,
                kept(resource_spans.resource.attributes) AS resource_map,
                resource_fact,
                resource_spans.scope_spans AS scopes,
                befores,
                befores[1] AS before_resource,
                arraySlice(span_facts, befores[1] + 1, arraySum(x -> length(x.spans), resource_spans.scope_spans)) AS resource_facts
            FROM
            (
                SELECT
                    {content:String} AS content,
                    facts.sender AS sender,
                    facts.signal AS signal,
                    resource_spans AS all_resource_spans,
                    arrayMap(r -> arrayMap(s -> toUInt64(length(s.spans)), r.scope_spans), resource_spans) AS sizes,
                    arrayCumSum(arrayFlatten(sizes)) AS ends,
                    arrayMap(
                        (scopes_before, own) -> arrayMap(
                            i -> if(scopes_before + i = 1, toUInt64(0), ends[scopes_before + i - 1]), arrayEnumerate(own)),
                        arrayMap((upto, own) -> upto - length(own), arrayCumSum(arrayMap(own -> toUInt64(length(own)), sizes)), sizes),
                        sizes) AS all_befores,
                    {span_facts} AS span_facts,
                    {resource_facts} AS all_resource_facts
                FROM {source}
            )
            ARRAY JOIN all_resource_spans AS resource_spans, all_befores AS befores, all_resource_facts AS resource_fact
        )
        ARRAY JOIN scopes AS scope_spans, befores AS before
    )
    ARRAY JOIN spans_of_scope AS span, facts_of_scope AS fact
)
