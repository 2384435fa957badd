-- Purpose: A day on which a rollup differs from the sum of its rows.
-- Grain: a rollup and day
-- Holds: It is not looked at while a committed pass is not rolled up yet.
SELECT
    'rollup differs' AS audit,
    concat(sums, ' on ', toString(day), ': ', toString(sumIf(usd, is_rollup)), ', its rows ', toString(-sumIf(usd, NOT is_rollup))) AS detail,
    '' AS trace_id,
    '' AS span_id,
    sum(usd) AS amount,
    '' AS sender
FROM
(
    SELECT 'ledger_days' AS sums, day, amount AS usd, true AS is_rollup FROM ledger_days
    UNION ALL
    SELECT concat('ledger_names, ', toString(dimension)), day, amount, true FROM ledger_names
    UNION ALL
    SELECT 'cost_days', day, amount, true FROM cost_days
    UNION ALL
    SELECT arrayJoin(['ledger_days', 'cost_days', 'ledger_names, user', 'ledger_names, task']), day, -amount, false FROM posted
    UNION ALL
    SELECT 'agent_days, own', day, own_cost, true FROM agent_days
    UNION ALL
    SELECT 'agent_days, inclusive', day, inclusive_cost, true FROM agent_days
    UNION ALL
    SELECT 'agent_days, own', day, -amount, false FROM decisions
    UNION ALL
    SELECT 'agent_days, inclusive', day, -amount * length(arrayDistinct(arrayPushBack(path_agents, agent))), false FROM decisions
    UNION ALL
    SELECT 'trace_days', toDate(start_time), cost, true FROM trace_days FINAL
    UNION ALL
    SELECT 'trace_days', toDate(start_time), -cost, false FROM attributions FINAL
)
WHERE (SELECT count() FROM pending) = 0
    AND (SELECT count() FROM (SELECT pass FROM passes GROUP BY pass HAVING countIf(state = 'committed') > countIf(state = 'rolled up'))) = 0
GROUP BY sums, day
HAVING sum(usd) != 0
