-- Purpose: writes for every dirty trace the difference between what its agents did and what is known of it (R7, R10, R11).
-- Grain:   trace and key of `activity`; only keys with a difference.
-- Holds:   the committed rows of a trace and these sum to what it did; run again it writes nothing.
INSERT INTO activity
(
    pass, trace_id, day, agent, pool, team, task,
    spans, own_cost, inclusive_cost, entries, reentrant_entries, traces, pool_entries, pool_duration_ns, root_duration_ns, tokens, unpriced
)
WITH
    toDecimal128(0, 12) AS nothing,
    of_spans AS
    (
        SELECT
            trace_id, day, agent, pool, team, if(said_task = trace_id, '', said_task) AS task,
            amount AS own_cost,
            toInt64(entry AND NOT re_entry) AS entries,
            toInt64(re_entry) AS reentrant_entries,
            toInt64(entries = 1 AND agent = pool) AS pool_entries,
            if(pool_entries = 1, duration, 0) AS pool_duration_ns,
            if(is_root, duration, 0) AS root_duration_ns,
            if(billed, token_count, 0) AS tokens,
            unknown AS unpriced
        FROM
        (
            SELECT
                trace_id,
                arrayFilter((i, b, e, r) -> b OR e OR r = i, arrayEnumerate(root), billable, agent_entry, root) AS kept,
                arrayMap(i -> decided.day[i], kept) AS days,
                arrayMap(i -> billable[i], kept) AS billables,
                arrayMap(i -> decided.amount[i], kept) AS amounts,
                arrayMap(i -> toInt64(duration_ns[i]), kept) AS durations,
                arrayMap(i -> toInt64(decided.tokens[i]), kept) AS token_counts,
                arrayMap(i -> toInt64(decided.unpriced[i]), kept) AS unknowns,
                arrayMap(i -> root[i] = i, kept) AS are_roots,
                arrayMap(i -> agents[decided.agent[i]], kept) AS own_agents,
                arrayMap(i -> agents[decided.pool[i]], kept) AS pools,
                arrayMap(i -> agent_entry[i], kept) AS are_entries,
                arrayMap(i -> reentrant[i], kept) AS are_re_entries,
                arrayMap(i -> decided.team[initiator[i]], kept) AS teams,
                arrayMap(i -> decided.task[initiator[i]], kept) AS tasks
            FROM {decided:Identifier} AS decided
        )
        ARRAY JOIN
            days AS day, billables AS billed, amounts AS amount, durations AS duration, token_counts AS token_count,
            unknowns AS unknown, are_roots AS is_root, own_agents AS agent, pools AS pool, are_entries AS entry, are_re_entries AS re_entry,
            teams AS team, tasks AS said_task
    ),
    -- Of every agent of the trace and day, the spans whose agent it is or that have it above.
    of_agents AS
    (
        SELECT trace_id, found.1 AS day, found.2 AS agent, toInt64(length(found.3)) AS spans, arraySum(found.3) AS cost
        FROM
        (
            SELECT
                trace_id,
                arrayFlatten(arrayMap(
                    that_day -> arrayMap(
                        (name, k) -> (
                            that_day,
                            name,
                            arrayFilter(
                                (a, d, bits, own) -> d = that_day AND (own = k OR (name != '' AND bitTest(bits, (k - 1) % 64))),
                                amount, day, paths[intDiv(k - 1, 64) + 1], agent)),
                        agents, arrayEnumerate(agents)),
                    arrayDistinct(day))) AS all_found
            FROM {decided:Identifier}
        )
        ARRAY JOIN arrayFilter(one -> notEmpty(one.3), all_found) AS found
    ),
    should_and_does AS
    (
        SELECT
            trace_id, day, agent, pool, team, task,
            0 AS spans, own_cost, nothing AS inclusive_cost, entries, reentrant_entries, 0 AS traces,
            pool_entries, pool_duration_ns, root_duration_ns, tokens, unpriced
        FROM of_spans
        UNION ALL
        SELECT trace_id, day, agent, '', '', '', 0, nothing, nothing, 0, 0, 1, 0, 0, 0, 0, 0
        FROM of_spans
        WHERE entries = 1 AND task = ''
        GROUP BY trace_id, day, agent
        UNION ALL
        SELECT trace_id, day, agent, '', '', '', spans, nothing, cost, 0, 0, 0, 0, 0, 0, 0, 0
        FROM of_agents
        UNION ALL
        SELECT
            trace_id, day, agent, pool, team, task,
            -spans, -own_cost, -inclusive_cost, -entries, -reentrant_entries, -traces, -pool_entries, -pool_duration_ns, -root_duration_ns, -tokens, -unpriced
        FROM activity
        WHERE trace_id IN (SELECT trace_id FROM {batch:Identifier} WHERE dirty) AND pass NOT IN (SELECT pass FROM uncommitted_passes)
    )
SELECT
    {version:UInt64}, trace_id, day, agent, pool, team, task,
    sum(spans) AS a, sum(own_cost) AS b, sum(inclusive_cost) AS c, sum(entries) AS d, sum(reentrant_entries) AS e, sum(traces) AS f,
    sum(pool_entries) AS g, sum(pool_duration_ns) AS h, sum(root_duration_ns) AS i, sum(tokens) AS j, sum(unpriced) AS k
FROM should_and_does
GROUP BY trace_id, day, agent, pool, team, task
HAVING (a, b, c, d, e, f, g, h, i, j, k) != (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
