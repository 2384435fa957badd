-- Purpose: Adds the same difference as `activity` for the spans of traces in which a cost is split between initiators (R8).
-- Grain: a key of `activity`; only keys with a difference
-- Needs: split_costs
-- Holds: An entry weighs its part. What is split sums to what it was. A second run adds no row.
INSERT INTO activity
(
    pass, day, agent, pool, team, task,
    own_cost, entries, reentrant_entries, uses, pool_entries, pool_duration_ns, root_duration_ns, tokens, unpriced
)
WITH
    toDecimal128(0, 12) AS zero,
    toInt256(1000000000000) AS units_per_entry,
    -- Whole units of the 12th digit, or whole tokens and nanoseconds: what is split sums to what it was.
    (whole, part) -> intDiv(toInt256(whole) * part.last, part.links) - intDiv(toInt256(whole) * (part.first - 1), part.links) AS part_of,
    decisions AS
    (
        SELECT toInt8(1) AS sign, trace_id, day, flags, amount, root, agent, pool, use_ns, tokens, agents, team, task
        FROM {decisions:Identifier}
        UNION ALL
        SELECT toInt8(-1), trace_id, day, flags, amount, root, agent, pool, use_ns, tokens, agents, team, task
        FROM {previous_decisions:Identifier}
    )
SELECT
    {version:UInt64}, booked AS day, each_agent AS agent, each_pool AS pool, each_team AS team, if(each_task = trace_id, '', each_task) AS task,
    sum(if(is_first, usd, zero) * sign) AS own_cost_difference,
    sum((is_first AND is_entry) * sign) AS entries_difference,
    sum((is_first AND bitTest(flag, 7)) * sign) AS reentrant_entries_difference,
    sum(if(is_entry, weight, zero) * sign) AS uses_difference,
    sum(if(is_entry AND each_agent = each_pool, weight, zero) * sign) AS pool_entries_difference,
    sum(if(is_entry AND each_agent = each_pool, used_ns, 0) * sign) AS pool_duration_ns_difference,
    sum(if(is_root, used_ns, 0) * sign) AS root_duration_ns_difference,
    sum(token_count * sign) AS tokens_difference,
    sum((is_first AND bitTest(flag, 3)) * sign) AS unpriced_difference
FROM
(
    SELECT
        sign, trace_id, booked, flag, usd, used_ns, token_count, is_root, each_agent, each_pool, each_team, each_task, weight, is_first,
        bitTest(flag, 6) AND NOT bitTest(flag, 7) AS is_entry
    FROM
    (
        SELECT
            sign, trace_id,
            arrayMap(part -> flags[part.at], parts) AS flags_of_parts,
            arrayMap(part -> day[part.at], parts) AS days,
            arrayMap(part -> amount[part.at], parts) AS amounts,
            arrayMap(part -> toInt64(part_of(use_ns[part.at], part)), parts) AS uses_ns,
            arrayMap(part -> toInt64(part_of(tokens[part.at], part)), parts) AS token_counts,
            arrayMap(part -> root[part.at] = part.at, parts) AS are_roots,
            arrayMap(part -> agents[agent[part.at]], parts) AS own_agents,
            arrayMap(part -> agents[pool[part.at]], parts) AS pools,
            arrayMap(part -> team[part.initiator], parts) AS teams,
            arrayMap(part -> task[part.initiator], parts) AS tasks,
            arrayMap(part -> toDecimal128(toDecimal256(part_of(units_per_entry, part), 12) / units_per_entry, 12), parts) AS weights,
            arrayMap(part -> part.first = 1, parts) AS are_first
        FROM
        (
            SELECT decisions.*, split_parts.parts AS parts
            FROM decisions
            INNER JOIN {split_parts:Identifier} AS split_parts ON split_parts.trace_id = decisions.trace_id AND split_parts.sign = decisions.sign
        )
    )
    ARRAY JOIN
        days AS booked, flags_of_parts AS flag, amounts AS usd, uses_ns AS used_ns, token_counts AS token_count, are_roots AS is_root,
        own_agents AS each_agent, pools AS each_pool, teams AS each_team, tasks AS each_task, weights AS weight, are_first AS is_first
    WHERE bitAnd(flag, 65) != 0 OR is_root
)
GROUP BY day, agent, pool, team, task
HAVING own_cost_difference != 0
    OR entries_difference != 0
    OR reentrant_entries_difference != 0
    OR uses_difference != 0
    OR pool_entries_difference != 0
    OR pool_duration_ns_difference != 0
    OR root_duration_ns_difference != 0
    OR tokens_difference != 0
    OR unpriced_difference != 0
