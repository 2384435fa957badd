-- Purpose: reads the traces that one round added to the batch.
-- Grain:   trace.
-- Holds:   every span once, at its latest content (R1).
INSERT INTO {told:Identifier}
SELECT
    trace_id, dirty, {round:UInt32}, s, tags, links
FROM
(
    SELECT
        trace_id,
        arraySort(x -> (x.1, x.2), groupArray((start_ns, span_id, parent, end_ns, name, profile, usd, tokens, counts, response, tagged))) AS s,
        arraySort(groupArrayIf((
            start_ns, span_id,
            span_team, span_department, span_cost_center, span_project, span_environment,
            span_user, span_session, span_task, span_workflow), tagged)) AS tags,
        groupArrayIf((span_id, link_trace_ids, link_span_ids), notEmpty(link_trace_ids)) AS links
    -- Traces are looked for before anything else of their granules is read: FINAL does not do so by itself.
    -- By itself first: shards of a cluster cannot group by what an alias stands for.
    FROM
    (
        SELECT
            trace_id, span_id, name, profile, link_trace_ids, link_span_ids,
            span_team, span_department, span_cost_center, span_project, span_environment, span_user, span_session, span_task, span_workflow,
            toUnixTimestamp64Nano(start_time) AS start_ns,
            start_ns + toInt64(duration_ns) AS end_ns,
            if(parent_span_id = '', 0, cityHash64(parent_span_id)) AS parent,
            ifNull(cost, toDecimal128(0, 12)) AS usd,
            ifNull(input_tokens, 0) + ifNull(output_tokens, 0) AS tokens,
            if(input_tokens IS NULL OR output_tokens IS NULL, 0, cityHash64(assumeNotNull(input_tokens), assumeNotNull(output_tokens))) AS counts,
            if(response_id = '', 0, cityHash64(response_id)) AS response,
            span_team != '' OR span_department != '' OR span_cost_center != '' OR span_project != '' OR span_environment != ''
                OR span_user != '' OR span_session != '' OR span_task != '' OR span_workflow != '' AS tagged
        FROM span_records FINAL
        PREWHERE trace_id GLOBAL IN (SELECT trace_id FROM {batch:Identifier} WHERE round = {round:UInt32})
    )
    GROUP BY trace_id
) AS traces
INNER JOIN (SELECT trace_id, dirty FROM {batch:Identifier} WHERE round = {round:UInt32}) AS batch USING trace_id
-- The stages that follow read block by block: small ones stay in the caches, and several are worked on at once.
SETTINGS max_block_size = 4096
