-- Purpose: What an agent asked of models in the most expensive traces in which it was at work: tokens, caches, failures.
-- Grain: a provider and model
WITH most_expensive AS
(
    SELECT trace_id
    FROM attributions FINAL
    WHERE trace_id != '' AND has(agents, {agent:String})
        AND toDate(start_time, {timezone:String}) BETWEEN {first:Date} AND {last:Date}
    ORDER BY cost DESC, trace_id
    LIMIT {traces_max:UInt32}
)
SELECT
    provider,
    model,
    count() AS calls,
    countIf(status = 'Error') AS failed,
    sum(input_tokens) AS input,
    sum(output_tokens) AS output,
    sum(cache_read_tokens) AS from_cache,
    if(input = 0, NULL, toDecimal64(from_cache / input, 4)) AS cache_share,
    countIf(price_id = 'rule:cache_hit') AS cached_answers,
    if(cached_answers = 0, toDecimal128(0, 12), sumIf(computed_cost, price_id = 'rule:cache_hit')) AS saved,
    sum(amount) AS billed
FROM
(
    SELECT trace_id, span_id, sender, amount
    FROM decisions
    WHERE trace_id GLOBAL IN (SELECT trace_id FROM most_expensive) AND agent = {agent:String} AND billable
) AS decided
GLOBAL INNER JOIN
(
    SELECT trace_id, span_id, sender, provider, model, status, input_tokens, output_tokens, cache_read_tokens, price_id, computed_cost
    FROM span_records FINAL
    WHERE trace_id GLOBAL IN (SELECT trace_id FROM most_expensive) AND model != ''
) AS recorded USING (trace_id, span_id, sender)
GROUP BY provider, model
ORDER BY billed DESC, provider, model
LIMIT {rows_max:UInt32}
