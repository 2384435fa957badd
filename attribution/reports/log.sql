-- Purpose: What was billed on a day, call by call, as a log that can be imported again.
-- Grain: a billed span (trace_id, id, sender)
-- Columns: time, end_time: ns since the epoch.
SELECT
    span_id AS id, trace_id, parent_span_id, sender, toUnixTimestamp64Nano(start_time) AS time,
    toUnixTimestamp64Nano(end_time) AS end_time, toString(status) AS status, team, department,
    cost_center, project, environment, user, session, task, workflow, agent, provider, model, bucket, input_tokens, output_tokens,
    cache_read_tokens, cache_write_tokens, reasoning_tokens, attributed_spans.cost AS cost_usd, cost_source, response_id
FROM attributed_spans
WHERE billable
    AND start_time >= toDateTime64({day:Date}, 9, {timezone:String}) AND start_time < toDateTime64({day:Date} + 1, 9, {timezone:String})
ORDER BY attributed_spans.start_time, trace_id, span_id, sender
