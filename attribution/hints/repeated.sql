-- Purpose: Model calls that repeat one under the same span: of the same agent and model, with as long a prompt. They are mostly retries.
-- Grain: an agent
-- Columns: repeated: calls beyond the first of each; amount: USD billed of these, the dearest of each taken for the first.
SELECT agent, sum(n - 1) AS repeated, sum(whole - dearest) AS amount
FROM
(
    SELECT agent, count() AS n, sum(attributed_spans.amount) AS whole, max(attributed_spans.amount) AS dearest
    FROM attributed_spans
    WHERE billable AND usage = 'leaf' AND bucket = 'llm' AND parent_span_id != '' AND input_tokens > 0
        AND start_time >= toDateTime64({first:Date}, 9, {timezone:String})
        AND start_time < toDateTime64({last:Date} + 1, 9, {timezone:String})
    GROUP BY trace_id, parent_span_id, agent, model, input_tokens
    HAVING n > 1
)
GROUP BY agent
HAVING amount > 0
