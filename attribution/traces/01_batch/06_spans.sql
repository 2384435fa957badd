-- Work table: spans
-- Purpose: The spans of the batch, read once. Names and all else that many spans share are replaced by their `profile`. One run reads the
--          traces that one round added.
-- Grain: a trace (trace_id)
-- Columns:
--     trace_id String: the trace
--     to_attribute Bool: as in `batch`
--     round UInt32: as in `batch`
--     span Array(Tuple(start_ns Int64, span_id String, parent_hash UInt64, end_ns Int64, name String, profile UInt64, cost Decimal(38, 12),
--         tokens UInt64, input Int64, output Int64, cache_read Int64, cache_write Int64, reasoning Int64, response_hash UInt64,
--         has_dimensions Bool, has_links Bool, sender String, event_hash UInt64)): the spans of the trace in the order of
--         (start_ns, span_id, sender), so that the first one has the lowest index; *_hash are hashes, 0 is absent; event_hash is of the
--         session and the counts of a call without a response id, or of one that was kept in a file; counts of kinds of tokens are -1 where
--         the span does not tell them
--     span_dimensions Array(Tuple(start_ns Int64, span_id String, team String, department String, cost_center String, project String,
--         environment String, user String, session String, task String, workflow String, sender String)):
--         the dimensions of the spans that name any, in the order of the spans
--     links Array(Tuple(start_ns Int64, span_id String, sender String, trace_ids Array(String), span_ids Array(String))): the spans that have
--         links, in the order of the spans, and the traces and spans that they link to
--     sampled Array(Tuple(span_id String, sender String, threshold UInt64)): the spans that stand for others that were not sampled, and the threshold
--         of the trace state: of 2^56 draws so many are dropped
-- Holds: Every span is there once, at its latest content (R1).
SELECT
    trace_id, to_attribute, {round:UInt32}, span, span_dimensions, links, sampled
FROM
(
    SELECT
        trace_id,
        arraySort(x -> (x.1, x.2, x.17), groupArray((
            start_ns, span_id, parent, end_ns, name, profile, usd, tokens, input, output, cache_read, cache_write, reasoning, response,
            has_dimensions, has_links, sent_by, event))) AS span,
        arraySort(x -> (x.1, x.2, x.12), groupArrayIf((
            start_ns, span_id,
            span_team, span_department, span_cost_center, span_project, span_environment,
            span_user, span_session, span_task, span_workflow, sent_by), has_dimensions)) AS span_dimensions,
        arraySort(groupArrayIf((start_ns, span_id, sent_by, link_trace_ids, link_span_ids), has_links)) AS links,
        groupArrayIf((span_id, sent_by, threshold), threshold != 0) AS sampled
    -- PREWHERE finds the traces before other columns of their granules are read. FINAL does not do so by itself.
    -- The grouping is outside of this query because shards of a cluster cannot group by an alias.
    FROM
    (
        SELECT
            trace_id, span_id, toString(sender) AS sent_by, name, profile, link_trace_ids, link_span_ids,
            span_team, span_department, span_cost_center, span_project, span_environment, span_user, span_session, span_task, span_workflow,
            toUnixTimestamp64Nano(start_time) AS start_ns,
            start_ns + toInt64(duration_ns) AS end_ns,
            if(parent_span_id = '', 0, cityHash64(parent_span_id)) AS parent,
            ifNull(cost, toDecimal128(0, 12)) AS usd,
            ifNull(input_tokens, 0) + ifNull(output_tokens, 0) AS tokens,
            -- No finished call has neither prompt nor answer, and a zero of a part is often written unasked: neither is told.
            if(tokens = 0, -1, toInt64(ifNull(input_tokens, -1))) AS input,
            if(tokens = 0, -1, toInt64(ifNull(output_tokens, -1))) AS output,
            if(ifNull(cache_read_tokens, 0) = 0, -1, toInt64(assumeNotNull(cache_read_tokens))) AS cache_read,
            if(ifNull(cache_write_tokens, 0) = 0, -1, toInt64(assumeNotNull(cache_write_tokens))) AS cache_write,
            if(ifNull(reasoning_tokens, 0) = 0, -1, toInt64(assumeNotNull(reasoning_tokens))) AS reasoning,
            if(
                trace_state = '', 0,
                reinterpretAsUInt64(reverse(unhex(rightPad(extract(trace_state, '(?:^|,) *ot=(?:[^,]*;)?th:([0-9a-f]{1,14})(?:[;, ]|$)'), 14, '0'))))) AS threshold,
            if(response_id = '', 0, cityHash64(response_id)) AS response,
            if(
                (response_id != '' AND signal != 'file') OR span_session = '' OR usage != 'leaf' OR tokens = 0, 0,
                cityHash64('event', sender, span_session, ifNull(input_tokens, 0), ifNull(output_tokens, 0))) AS event,
            span_team != '' OR span_department != '' OR span_cost_center != '' OR span_project != '' OR span_environment != ''
                OR span_user != '' OR span_session != '' OR span_task != '' OR span_workflow != '' AS has_dimensions,
            notEmpty(link_trace_ids) AS has_links
        FROM span_records FINAL
        PREWHERE trace_id GLOBAL IN (SELECT trace_id FROM {batch:Identifier} WHERE round = {round:UInt32})
    )
    GROUP BY trace_id
) AS traces
INNER JOIN (SELECT trace_id, to_attribute FROM {batch:Identifier} WHERE round = {round:UInt32}) AS batch USING trace_id
-- The stages that follow read block by block: small ones stay in the caches, and several are worked on at once.
SETTINGS max_block_size = 4096
