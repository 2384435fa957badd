-- Purpose: The most expensive traces of some days in which an agent was at work.
-- Grain: a trace; the {rows_max} most expensive
SELECT
    trace_id,
    start_time,
    toUInt64(toUnixTimestamp64Nano(end_time) - toUnixTimestamp64Nano(start_time)) AS duration_ns,
    spans,
    attributions.team[1] AS team,
    attributions.user[1] AS user,
    attributions.task[1] AS task,
    attributions.workflow[1] AS workflow,
    cost,
    unpriced_spans
FROM attributions FINAL
WHERE trace_id != '' AND has(agents, {agent:String})
    AND toDate(start_time, {timezone:String}) BETWEEN {first:Date} AND {last:Date}
ORDER BY cost DESC, trace_id
LIMIT {rows_max:UInt32}
