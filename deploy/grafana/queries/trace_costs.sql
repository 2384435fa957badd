-- Purpose: What each span of a trace costs, in USD, whose agent it is, and why it is billed or not.
-- Grain: a span
SELECT
    start_time, span_id, name AS span_name, agent AS agent_name, model AS model_name, input_tokens, output_tokens, cost_source, price_id,
    if(billable, 'billed', unbilled_reason) AS verdict, pool AS shared_agent, team AS team_name, amount AS usd
FROM spanledger.attributed_spans
WHERE trace_id = '${trace_id}'
ORDER BY start_time, span_id
LIMIT 5000
