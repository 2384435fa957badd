-- Purpose: writes the difference between what the agents of the to_attribute traces did and what is known of it (R7, R10, R11).
-- Grain:   key of `activity`; only keys with a difference.
-- Holds:   what is committed and this sum to what all traces did; run again it writes nothing.
INSERT INTO activity
(
    pass, day, agent, pool, team, task,
    spans, own_cost, inclusive_cost, entries, reentrant_entries, traces, pool_entries, pool_duration_ns, root_duration_ns, tokens, unpriced
)
WITH
    toDecimal128(0, 12) AS nothing,
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
            sign, booked AS day, its_agent AS agent, its_pool AS pool, its_team AS team, if(its_task = trace_id, '', its_task) AS task,
            usd AS own_cost,
            toInt64(bitTest(flag, 6) AND NOT bitTest(flag, 7)) AS entries,
            toInt64(bitTest(flag, 7)) AS reentrant_entries,
            toInt64(entries = 1 AND its_agent = its_pool) AS pool_entries,
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
            own_agents AS its_agent, pools AS its_pool, teams AS its_team, tasks AS its_task
        WHERE bitAnd(flag, 65) != 0 OR is_root
    )
SELECT
    {version:UInt64}, day, agent, pool, team, task,
    sum(spans) AS a, sum(own_cost) AS b, sum(inclusive_cost) AS c, sum(entries) AS d, sum(reentrant_entries) AS e, sum(traces) AS f,
    sum(pool_entries) AS g, sum(pool_duration_ns) AS h, sum(root_duration_ns) AS i, sum(tokens) AS j, sum(unpriced) AS k
FROM
(
    SELECT
        day, agent, pool, team, task,
        toInt64(0) AS spans, sum(own_cost * sign) AS own_cost, nothing AS inclusive_cost, sum(entries * sign) AS entries,
        sum(reentrant_entries * sign) AS reentrant_entries, toInt64(0) AS traces, sum(pool_entries * sign) AS pool_entries,
        sum(pool_duration_ns * sign) AS pool_duration_ns, sum(root_duration_ns * sign) AS root_duration_ns, sum(tokens * sign) AS tokens,
        sum(unpriced * sign) AS unpriced
    FROM of_spans
    GROUP BY day, agent, pool, team, task
    UNION ALL
    -- Of every agent, the spans whose agent it is or that have it above.
    SELECT booked, its_agent, '', '', '', sum(toInt64(sign)), nothing, sum(usd * sign), 0, 0, 0, 0, 0, 0, 0, 0
    FROM
    (
        SELECT sign, day, amount, arrayMap(codes -> arrayMap(i -> agents[i], codes), codes_on_path) AS agents_on_path
        FROM
        (
            SELECT
                sign, day, amount, agents,
                arrayFold(
                    (found, word, nth) -> arrayMap(
                        (codes, bits) -> arrayConcat(codes, arrayMap(at -> toUInt32(64 * (nth - 1) + at + 1), bitPositionsToArray(bits))),
                        found, word),
                    paths, arrayEnumerate(paths), arrayMap(_ -> emptyArrayUInt32(), agent)) AS bits_on_path,
                -- An agent without a name is only that of its own spans.
                arrayMap(
                    (codes, own) -> arrayFilter(i -> i = own OR agents[i] != '', codes), bits_on_path, agent) AS codes_on_path
            FROM decisions
        )
    )
    ARRAY JOIN day AS booked, amount AS usd, agents_on_path AS those
    ARRAY JOIN those AS its_agent
    GROUP BY booked, its_agent
    UNION ALL
    SELECT entered.1, entered.2, '', '', '', 0, nothing, nothing, 0, 0, sum(toInt64(sign)), 0, 0, 0, 0, 0
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
HAVING a != 0 OR b != 0 OR c != 0 OR d != 0 OR e != 0 OR f != 0 OR g != 0 OR h != 0 OR i != 0 OR j != 0 OR k != 0
