-- Purpose: Adds the difference between what the agents of the attributed traces did by the new and by the previous decisions (R7, R10,
--          R11).
-- Grain: a key of `activity`; only keys with a difference
-- Holds: The committed rows and these rows, with those of `split_activity`, sum to what all traces did. A second run adds no row.
INSERT INTO activity
(
    pass, day, agent, pool, team, task,
    spans, own_cost, inclusive_cost, entries, reentrant_entries, traces, uses, pool_entries, pool_duration_ns, root_duration_ns, tokens, unpriced
)
WITH
    toDecimal128(0, 12) AS zero,
    toDecimal128(1, 12) AS one,
    decisions AS
    (
        SELECT toInt8(1) AS sign, trace_id, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, agents, paths, team, task, split
        FROM {decisions:Identifier}
        UNION ALL
        SELECT toInt8(-1), trace_id, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, agents, paths, team, task, split
        FROM {previous_decisions:Identifier}
    )
SELECT
    {version:UInt64}, day, agent, pool, team, task,
    sum(spans) AS spans_difference,
    sum(own_cost) AS own_cost_difference,
    sum(inclusive_cost) AS inclusive_cost_difference,
    sum(entries) AS entries_difference,
    sum(reentrant_entries) AS reentrant_entries_difference,
    sum(traces) AS traces_difference,
    sum(uses) AS uses_difference,
    sum(pool_entries) AS pool_entries_difference,
    sum(pool_duration_ns) AS pool_duration_ns_difference,
    sum(root_duration_ns) AS root_duration_ns_difference,
    sum(tokens) AS tokens_difference,
    sum(unpriced) AS unpriced_difference
FROM
(
    SELECT
        booked AS day, each_agent AS agent, each_pool AS pool, each_team AS team, if(each_task = trace_id, '', each_task) AS task,
        toInt64(0) AS spans,
        sum(usd * sign) AS own_cost,
        zero AS inclusive_cost,
        sum(is_entry * sign) AS entries,
        sum(bitTest(flag, 7) * sign) AS reentrant_entries,
        toInt64(0) AS traces,
        sum(is_entry * one * sign) AS uses,
        sum(is_entry_of_pool * one * sign) AS pool_entries,
        sum(if(is_entry_of_pool, toInt64(used_ns), 0) * sign) AS pool_duration_ns,
        sum(if(is_root, toInt64(used_ns), 0) * sign) AS root_duration_ns,
        sum(toInt64(token_count) * sign) AS tokens,
        sum(bitTest(flag, 3) * sign) AS unpriced
    FROM
    (
        SELECT
            sign, trace_id, booked, flag, usd, used_ns, token_count, is_root, each_agent, each_pool, each_team, each_task,
            bitTest(flag, 6) AND NOT bitTest(flag, 7) AS is_entry,
            is_entry AND each_agent = each_pool AS is_entry_of_pool
        FROM
        (
            SELECT
                sign, trace_id, flags, amount AS amounts, use_ns AS uses_ns,
                day AS days,
                tokens AS token_counts,
                arrayMap((r, i) -> r = i, root, arrayEnumerate(root)) AS are_roots,
                arrayMap(i -> agents[i], agent) AS own_agents,
                arrayMap(i -> agents[i], pool) AS pools,
                arrayMap(i -> team[i], initiator) AS teams,
                arrayMap(i -> task[i], initiator) AS tasks
            FROM decisions
            WHERE empty(split)
        )
        ARRAY JOIN
            days AS booked, flags AS flag, amounts AS usd, uses_ns AS used_ns, token_counts AS token_count, are_roots AS is_root,
            own_agents AS each_agent, pools AS each_pool, teams AS each_team, tasks AS each_task
        WHERE bitAnd(flag, 65) != 0 OR is_root
    )
    GROUP BY day, agent, pool, team, task
    UNION ALL
    -- For every agent: the spans of the agent and the spans that have it above them, each once.
    SELECT booked, each_agent, '', '', '', sum(toInt64(sign)), zero, sum(usd * sign), 0, 0, 0, zero, zero, 0, 0, 0, 0
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
    SELECT entered.1, entered.2, '', '', '', 0, zero, zero, 0, 0, sum(toInt64(sign)), zero, zero, 0, 0, 0, 0
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
    OR uses_difference != 0
    OR pool_entries_difference != 0
    OR pool_duration_ns_difference != 0
    OR root_duration_ns_difference != 0
    OR tokens_difference != 0
    OR unpriced_difference != 0
