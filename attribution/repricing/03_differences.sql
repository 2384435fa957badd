-- Purpose: what repricing changes, for people to look at before it is done.
-- Grain:   provider, model and bucket, as they will be.
-- Columns: spans that change; before and after: USD of those of them that are billed, as far as known; unknown_before and unknown_after:
--          billed spans without a known price. What was billed stays billed; what only now has a price is taken to be billed, and time
--          that is paid by the second as a whole: what of it is a span's own, attribution finds.
SELECT
    new_provider AS provider,
    new_model AS model,
    new_bucket AS bucket,
    count() AS spans,
    sumIf(toDecimal128OrZero(cost, 12), was_billed) + sum(toDecimal128OrZero(time_cost, 12)) AS before,
    sumIf(toDecimal128OrZero(new_cost, 12), is_billed) + sum(toDecimal128OrZero(new_time_cost, 12)) AS after,
    after - before AS difference,
    countIf(was_billed AND cost = '') AS unknown_before,
    countIf(is_billed AND new_cost = '') AS unknown_after
FROM
(
    SELECT
        changes.*,
        billed.billable AND usage != 'none' AS was_billed,
        new_usage != 'none' AND (was_billed OR (usage != 'leaf' AND new_usage = 'leaf')) AS is_billed
    FROM {changes:Identifier} AS changes
    LEFT JOIN
    (
        SELECT trace_id, span_id, billable
        FROM decisions
        WHERE billable AND unbilled_reason = '' AND (trace_id, span_id) IN (SELECT trace_id, span_id FROM {changes:Identifier})
    ) AS billed ON billed.trace_id = changes.trace_id AND billed.span_id = changes.span_id
)
GROUP BY provider, model, bucket
ORDER BY abs(difference) DESC, provider, model, bucket
