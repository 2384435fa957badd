-- Purpose: What the model calls of a month used that are charged to teams directly. Calls that came late for a closed month are among
--          those of the month in which they are booked.
-- Grain: the dimensions of a charge model
-- Columns: input: tokens that no cache had a part in; uncounted: calls that tell no tokens.
WITH
    toDateTime64(concat({period:String}, '-01'), 9, {timezone:String}) AS begins,
    late AS
    (
        SELECT trace_id, span_id, sender, effective_at
        FROM posted
        WHERE period = {period:String} AND kind = 'late' AND endsWith(reason, ': billed')
    )
SELECT
    team, department, cost_center, project, environment, workflow, agent, provider, model, bucket,
    toInt64(sum(greatest(0, toInt64(ifNull(input_tokens, 0)) - toInt64(ifNull(cache_read_tokens, 0))
        - toInt64(ifNull(cache_write_tokens, 0))))) AS input,
    toInt64(sum(ifNull(cache_read_tokens, 0))) AS cache_read,
    toInt64(sum(ifNull(cache_write_tokens, 0))) AS cache_write,
    toInt64(sum(ifNull(output_tokens, 0))) AS output,
    toInt64(count()) AS calls,
    toInt64(countIf(input_tokens IS NULL AND output_tokens IS NULL)) AS uncounted
FROM attributed_spans
WHERE billable AND usage = 'leaf' AND bucket = 'llm' AND pool = ''
    AND start_time >= least(begins, (SELECT ifNull(minOrNull(effective_at), begins) FROM late)) AND start_time < addMonths(begins, 1)
    AND (start_time >= begins OR (trace_id, span_id, sender) GLOBAL IN (SELECT trace_id, span_id, sender FROM late))
GROUP BY team, department, cost_center, project, environment, workflow, agent, provider, model, bucket
