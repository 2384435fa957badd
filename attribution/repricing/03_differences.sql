-- Purpose: What repricing changes, for people to look at before it is applied.
-- Grain: a provider, model and bucket, as they will be
-- Columns: spans: spans that change; before and after: USD of the billed ones among them, as far as known; unknown_before and
--          unknown_after: billed spans without a known price.
-- Holds: A billed span stays billed. A span that only now has a price counts as billed. Time that is paid by the second counts as a whole:
--        attribution finds out how much of it is own time.
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
        SELECT trace_id, span_id, sender, billable
        FROM decisions
        WHERE billable AND unbilled_reason = '' AND (trace_id, span_id, sender) IN (SELECT trace_id, span_id, sender FROM {changes:Identifier})
    ) AS billed ON billed.trace_id = changes.trace_id AND billed.span_id = changes.span_id AND billed.sender = changes.sender
    WHERE is_repriced
)
GROUP BY provider, model, bucket
ORDER BY abs(difference) DESC, provider, model, bucket
