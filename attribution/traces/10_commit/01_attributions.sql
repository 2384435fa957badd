-- Purpose: keeps the decisions of this pass, all of them or none, and so commits it; nothing where it was given up for dead before.
-- Grain:   trace; and a row of trace '' that says that the pass is committed.
-- Holds:   one block under the pass's token, for a block comes into being at once, and of inserts under one token the first alone is kept.
INSERT INTO attributions
(
    version, trace_id, start_time, end_time, cost, unpriced_spans, spans, orphans, cycles, responses, moved_from,
    span_id, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, unobserved_at, unobserved,
    agents, paths, team, department, cost_center, project, environment, user, session, task, workflow
)
WITH
    -- Few traces come to begin on another day; '' is none of them, for `transform` wants a pair.
    (
        SELECT arrayPushFront(groupArray((trace_id, began)), ('', toDate(0)))
        FROM {decisions:Identifier} AS decided
        INNER JOIN {previous_decisions:Identifier} AS standing USING trace_id
        WHERE began != toDate(fromUnixTimestamp64Nano(start_ns, 'UTC'))
    ) AS moved
SELECT
    {version:UInt64}, trace_id, fromUnixTimestamp64Nano(start_ns, 'UTC'), fromUnixTimestamp64Nano(end_ns, 'UTC'),
    cost, unpriced_spans, spans, orphans, cycles, responses,
    transform(trace_id, moved.1, moved.2, toDate(0)),
    span_id, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, unobserved_at, unobserved,
    agents, paths, team, department, cost_center, project, environment, user, session, task, workflow
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
