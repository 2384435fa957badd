-- Purpose: What the model calls of each agent used and cost in some days.
-- Grain: an agent, provider and model
-- Columns: input: whole prompts; failed: calls that ended with an error; failed_amount: USD billed of these.
SELECT
    agent,
    provider,
    model,
    count() AS calls,
    toInt64(sum(ifNull(input_tokens, 0))) AS input,
    toInt64(sum(ifNull(cache_read_tokens, 0))) AS cache_read,
    toInt64(sum(ifNull(cache_write_tokens, 0))) AS cache_write,
    toInt64(sum(ifNull(output_tokens, 0))) AS output,
    countIf(status = 'Error') AS failed,
    sumIf(attributed_spans.amount, status = 'Error') AS failed_amount,
    sum(attributed_spans.amount) AS amount
FROM attributed_spans
WHERE billable AND usage = 'leaf' AND bucket = 'llm' AND model != '' AND attributed_spans.cost IS NOT NULL
    AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL)
    AND start_time >= toDateTime64({first:Date}, 9, {timezone:String}) AND start_time < toDateTime64({last:Date} + 1, 9, {timezone:String})
GROUP BY agent, provider, model
