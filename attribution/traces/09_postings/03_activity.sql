-- Purpose: Adds the difference between what the agents of the attributed traces did by the new and by the previous decisions (R7, R10,
--          R11).
-- Grain: a key of `activity`; only keys with a difference
-- Holds: The committed rows and these rows sum to what all traces did. A second run adds no row.
INSERT INTO activity
(
    pass, day, agent, pool, team, task,
    spans, own_cost, inclusive_cost, entries, reentrant_entries, traces, uses, pool_entries, pool_duration_ns, root_duration_ns, tokens, unpriced
)
WITH
    toDecimal128(0, 12) AS zero,
    decisions AS
    (
        SELECT
            toInt8(1) AS sign, trace_id, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, agents, paths, team, task, split
        FROM {decisions:Identifier}
        UNION ALL
        SELECT
            toInt8(-1), trace_id, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, agents, paths, team, task, split
        FROM {previous_decisions:Identifier}
    ),
    -- One element for each span, several where its cost is split: (span, initiator, links before, links up to it, all links).
    parts_of_traces AS
    (
        SELECT
            *,
            arrayMap((r, i) -> r = i, root, arrayEnumerate(root)) AS are_roots,
            if(
                empty(split),
                CAST([], 'Array(Tuple(UInt32, UInt32, UInt64, UInt64, UInt64))'),
                arrayFlatten(arrayMap(
                    (i, by, ones) -> if(
                        empty(ones),
                        [(toUInt32(i), by, toUInt64(0), toUInt64(1), toUInt64(1))],
                        arrayMap(
                            (one, upto) -> (toUInt32(i), one.2, toUInt64(upto - one.3), toUInt64(upto), toUInt64(arraySum(ones.3))),
                            ones, arrayCumSum(ones.3))),
                    arrayEnumerate(initiator), initiator,
                    arrayMap(i -> arrayFilter(one -> one.1 = i, split), arrayEnumerate(initiator))))) AS parts,
            -- Whole units of the 12th digit, or whole tokens and nanoseconds: what is split sums to what it was.
            arrayMap(
                part -> toDecimal128(
                    toDecimal256(intDiv(1000000000000 * part.4, part.5) - intDiv(1000000000000 * part.3, part.5), 12)
                        / toInt256(1000000000000), 12),
                parts) AS weights
        FROM decisions
    ),
    of_spans AS
    (
        SELECT
            sign, booked AS day, each_agent AS agent, each_pool AS pool, each_team AS team, if(each_task = trace_id, '', each_task) AS task,
            if(is_first, usd, zero) AS own_cost,
            toInt64(is_first AND bitTest(flag, 6) AND NOT bitTest(flag, 7)) AS entries,
            toInt64(is_first AND bitTest(flag, 7)) AS reentrant_entries,
            if(bitTest(flag, 6) AND NOT bitTest(flag, 7), weight, zero) AS uses,
            if(each_agent = each_pool, uses, zero) AS pool_entries,
            if(pool_entries != 0, toInt64(used_ns), 0) AS pool_duration_ns,
            if(is_root, toInt64(used_ns), 0) AS root_duration_ns,
            toInt64(token_count) AS tokens,
            toInt64(is_first AND bitTest(flag, 3)) AS unpriced
        FROM
        (
            SELECT
                sign, trace_id, flags,
                day AS days,
                amount AS amounts,
                use_ns AS uses_ns,
                tokens AS token_counts,
                are_roots,
                arrayMap(i -> agents[i], agent) AS own_agents,
                arrayMap(i -> agents[i], pool) AS pools,
                arrayMap(i -> team[i], initiator) AS teams,
                arrayMap(i -> task[i], initiator) AS tasks,
                arrayMap(_ -> toDecimal128(1, 12), initiator) AS weights,
                arrayMap(_ -> true, initiator) AS are_first
            FROM parts_of_traces
            WHERE empty(split)
            UNION ALL
            SELECT
                sign, trace_id,
                arrayMap(part -> flags[part.1], parts),
                arrayMap(part -> day[part.1], parts),
                arrayMap(part -> amount[part.1], parts),
                arrayMap(part -> toUInt64(intDiv(toUInt256(use_ns[part.1]) * part.4, part.5) - intDiv(toUInt256(use_ns[part.1]) * part.3, part.5)), parts),
                arrayMap(part -> toUInt64(intDiv(toUInt256(tokens[part.1]) * part.4, part.5) - intDiv(toUInt256(tokens[part.1]) * part.3, part.5)), parts),
                arrayMap(part -> are_roots[part.1], parts),
                arrayMap(part -> agents[agent[part.1]], parts),
                arrayMap(part -> agents[pool[part.1]], parts),
                arrayMap(part -> team[part.2], parts),
                arrayMap(part -> task[part.2], parts),
                weights,
                arrayMap(part -> part.3 = 0, parts)
            FROM parts_of_traces
            WHERE notEmpty(split)
        )
        ARRAY JOIN
            days AS booked, flags AS flag, amounts AS usd, uses_ns AS used_ns, token_counts AS token_count, are_roots AS is_root,
            own_agents AS each_agent, pools AS each_pool, teams AS each_team, tasks AS each_task, weights AS weight, are_first AS is_first
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
    sum(uses) AS uses_difference,
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
        sum(reentrant_entries * sign) AS reentrant_entries, toInt64(0) AS traces, sum(uses * sign) AS uses, sum(pool_entries * sign) AS pool_entries,
        sum(pool_duration_ns * sign) AS pool_duration_ns, sum(root_duration_ns * sign) AS root_duration_ns, sum(tokens * sign) AS tokens,
        sum(unpriced * sign) AS unpriced
    FROM of_spans
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
