-- Purpose: One trace, for drawing it.
-- Grain: a span
SELECT
    span_id, parent_span_id, name, start_time, duration_ns, agent, agent_entry, reentrant, pool, provider, model,
    input_tokens, output_tokens, cost, cost_source, price_id, usage, billable, unbilled_reason, unobserved, amount,
    team, department, cost_center, user, task, workflow, flags, call_id,
    (SELECT max(sampled_factor) FROM traces WHERE trace_id = {trace_id:String}) AS sampled_factor
FROM attributed_spans
WHERE trace_id = {trace_id:String}
ORDER BY start_time, span_id
