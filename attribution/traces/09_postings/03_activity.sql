-- Purpose: Adds the difference between what the agents of the attributed traces did by the new and by the previous decisions (R7, R10,
--          R11).
-- Grain: a key of `activity`; only keys with a difference
-- Holds: The committed rows and these rows sum to what all traces did. A second run adds no row.
INSERT INTO activity
(
    pass, day, agent, pool, team, task,
    spans, own_cost, inclusive_cost, entries, reentrant_entries, traces, pool_entries, pool_duration_ns, root_duration_ns, tokens, unpriced
)
WITH
    toDecimal128(0, 12) AS zero,
    decisions AS
    (
        SELECT
            toInt8(1) AS sign, trace_id, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, agents, paths, team, task
        FROM {decisions:Identifier}
        UNION ALL
        SELECT
            toInt8(-1), trace_id, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, agents, paths, team, task
        FROM {previous_decisions:Identifier}
    ),
    of_spans AS
    (
        SELECT
            sign, booked AS day, each_agent AS agent, each_pool AS pool, each_team AS team, if(each_task = trace_id, '', each_task) AS task,
            usd AS own_cost,
            toInt64(bitTest(flag, 6) AND NOT bitTest(flag, 7)) AS entries,
            toInt64(bitTest(flag, 7)) AS reentrant_entries,
            toInt64(entries = 1 AND each_agent = each_pool) AS pool_entries,
            if(pool_entries = 1, toInt64(used_ns), 0) AS pool_duration_ns,
            if(is_root, toInt64(used_ns), 0) AS root_duration_ns,
            toInt64(token_count) AS tokens,
            toInt64(bitTest(flag, 3)) AS unpriced
        FROM
        (
            SELECT
                sign, trace_id, flags,
                day AS days,
                amount AS amounts,
                use_ns AS uses_ns,
                decisions.tokens AS token_counts,
                arrayMap((r, i) -> r = i, root, arrayEnumerate(root)) AS are_roots,
                arrayMap(i -> agents[i], decisions.agent) AS own_agents,
                arrayMap(i -> agents[i], decisions.pool) AS pools,
                arrayMap(i -> decisions.team[i], initiator) AS teams,
                arrayMap(i -> decisions.task[i], initiator) AS tasks
            FROM decisions
        )
        ARRAY JOIN
            days AS booked, flags AS flag, amounts AS usd, uses_ns AS used_ns, token_counts AS token_count, are_roots AS is_root,
            own_agents AS each_agent, pools AS each_pool, teams AS each_team, tasks AS each_task
        WHERE bitAnd(flag, 65) != 0 OR is_root
    )
SELECT
    {version:UInt64}, day, agent, pool, team, task,
    sum(spans) AS spans_difference,
    sum(own_cost) AS own_cost_difference,
    sum(inclusive_cost) AS inclusive_cost_difference,
    sum(entries) AS entries_difference,
    sum(reentrant_entries) AS reentrant_entries_difference,
    sum(traces) AS traces_difference,
    sum(pool_entries) AS pool_entries_difference,
    sum(pool_duration_ns) AS pool_duration_ns_difference,
    sum(root_duration_ns) AS root_duration_ns_difference,
    sum(tokens) AS tokens_difference,
    sum(unpriced) AS unpriced_difference
FROM
(
    SELECT
        day, agent, pool, team, task,
        toInt64(0) AS spans, sum(own_cost * sign) AS own_cost, zero AS inclusive_cost, sum(entries * sign) AS entries,
        sum(reentrant_entries * sign) AS reentrant_entries, toInt64(0) AS traces, sum(pool_entries * sign) AS pool_entries,
        sum(pool_duration_ns * sign) AS pool_duration_ns, sum(root_duration_ns * sign) AS root_duration_ns, sum(tokens * sign) AS tokens,
        sum(unpriced * sign) AS unpriced
    FROM of_spans
    GROUP BY day, agent, pool, team, task
    UNION ALL
    -- For every agent: the spans of the agent and the spans that have it above them, each once.
    SELECT booked, each_agent, '', '', '', sum(toInt64(sign)), zero, sum(usd * sign), 0, 0, 0, 0, 0, 0, 0, 0
    FROM
    (
        SELECT sign, day, amount, arrayMap(codes -> arrayMap(i -> agents[i], codes), codes_on_path) AS agents_on_path
        FROM
        (
            SELECT
                sign, day, amount, agents,
                arrayFold(
                    (on_path, word, nth) -> arrayMap(
                        (codes, bits) -> arrayConcat(codes, arrayMap(at -> toUInt32(64 * (nth - 1) + at + 1), bitPositionsToArray(bits))),
                        on_path, word),
                    paths, arrayEnumerate(paths), arrayMap(_ -> emptyArrayUInt32(), agent)) AS bits_on_path,
                -- An agent without a name counts for its own spans only.
                arrayMap(
                    (codes, own) -> arrayFilter(i -> i = own OR agents[i] != '', codes), bits_on_path, agent) AS codes_on_path
            FROM decisions
        )
    )
    ARRAY JOIN day AS booked, amount AS usd, agents_on_path AS path_agents
    ARRAY JOIN path_agents AS each_agent
    GROUP BY booked, each_agent
    UNION ALL
    SELECT entered.1, entered.2, '', '', '', 0, zero, zero, 0, 0, sum(toInt64(sign)), 0, 0, 0, 0, 0
    FROM
    (
        SELECT
            sign,
            arrayJoin(arrayDistinct(arrayMap(
                i -> (day[i], agents[agent[i]]),
                arrayFilter(
                    (i, flag, by) -> bitTest(flag, 6) AND NOT bitTest(flag, 7) AND task[by] = trace_id,
                    arrayEnumerate(flags), flags, initiator)))) AS entered
        FROM decisions
    )
    GROUP BY entered
)
GROUP BY day, agent, pool, team, task
HAVING spans_difference != 0
    OR own_cost_difference != 0
    OR inclusive_cost_difference != 0
    OR entries_difference != 0
    OR reentrant_entries_difference != 0
    OR traces_difference != 0
    OR pool_entries_difference != 0
    OR pool_duration_ns_difference != 0
    OR root_duration_ns_difference != 0
    OR tokens_difference != 0
    OR unpriced_difference != 0
