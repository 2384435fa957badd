-- Purpose: What the ledger's spans used and cost, to be held against an invoice: providers count days in UTC.
-- Grain: a day in UTC, provider and model
-- Columns: input: prompt tokens that no cache had a part in; cache_read, cache_write, output: tokens; calls: calls; unpriced: calls without
--          a known price; cost: USD billed.
SELECT
    toDate(start_time, 'UTC') AS day,
    provider,
    model,
    toInt64(sum(greatest(0, toInt64(ifNull(input_tokens, 0)) - toInt64(ifNull(cache_read_tokens, 0))
        - toInt64(ifNull(cache_write_tokens, 0))))) AS input,
    toInt64(sum(ifNull(cache_read_tokens, 0))) AS cache_read,
    toInt64(sum(ifNull(cache_write_tokens, 0))) AS cache_write,
    toInt64(sum(ifNull(output_tokens, 0))) AS output,
    count() AS calls,
    countIf(attributed_spans.cost IS NULL) AS unpriced,
    sum(amount) AS cost
FROM attributed_spans
WHERE billable AND bucket = 'llm' AND provider IN {providers:Array(String)}
    AND start_time >= toDateTime64({first:Date}, 9, 'UTC') AND start_time < toDateTime64({last:Date} + 1, 9, 'UTC')
GROUP BY toDate(start_time, 'UTC'), provider, model
