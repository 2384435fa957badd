-- Purpose: Stores the decisions of this pass, all of them or none, and so commits the pass. It stores nothing where the pass was abandoned
--          before.
-- Grain: a trace; and a row of trace '' that says that the pass is committed
-- Holds: It is one block under the pass's token. A block is stored whole or not at all, and of several inserts under one token ClickHouse
--        keeps the first.
INSERT INTO attributions
(
    version, trace_id, start_time, end_time, cost, unpriced_spans, spans, orphans, cycles, responses, moved_from,
    span_id, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, unobserved_at, unobserved,
    called_at, call_id, sampled_factor, missing,
    agents, paths, team, department, cost_center, project, environment, user, session, task, workflow,
    initiator_source, initiator_sender, split, senders, sender
)
WITH
    -- Few traces begin on another day than before. '' is none of them: `transform` needs at least one pair.
    (
        SELECT arrayPushFront(groupArray((trace_id, began)), ('', toDate(0)))
        FROM {decisions:Identifier} AS decided
        INNER JOIN {previous_decisions:Identifier} AS previous USING trace_id
        WHERE began != toDate(fromUnixTimestamp64Nano(start_ns, 'UTC'))
    ) AS moved_traces
SELECT
    {version:UInt64}, trace_id, fromUnixTimestamp64Nano(start_ns, 'UTC'), fromUnixTimestamp64Nano(end_ns, 'UTC'),
    cost, unpriced_spans, spans, orphans, cycles, responses,
    transform(trace_id, moved_traces.1, moved_traces.2, toDate(0)),
    span_id, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, unobserved_at, unobserved,
    called_at, call_id, sampled_factor, missing,
    agents, paths, team, department, cost_center, project, environment, user, session, task, workflow,
    initiator_source, initiator_sender, split, senders, sender
FROM
(
    SELECT *
    FROM {decisions:Identifier}
    UNION ALL
    SELECT none.*
    FROM (SELECT '' AS id) AS marker
    LEFT JOIN (SELECT * FROM {decisions:Identifier} LIMIT 0) AS none ON none.trace_id = marker.id
)
SETTINGS
    insert_deduplicate = 1, insert_deduplication_token = {token:String},
    min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0, max_insert_threads = 1
