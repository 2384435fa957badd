-- Purpose: What the billed calls of each emitter cost, and how many have no price; the most expensive first.
-- Grain: an emitter's calls at one provider (scope, signal, provider)
SELECT
    recorded.scope_name AS scope,
    billed.signal AS signal,
    billed.provider AS provider,
    count() AS calls,
    countIf(billed.cost IS NULL) AS unpriced,
    sum(ifNull(billed.amount, toDecimal128(0, 12))) AS usd
FROM
(
    SELECT trace_id, span_id, sender, signal, provider, cost, amount
    FROM attributed_spans
    WHERE day BETWEEN {first:Date} AND {last:Date} AND billable AND cost_source != 'none' AND bucket = 'llm'
) AS billed
GLOBAL INNER JOIN
(
    SELECT trace_id, span_id, sender, scope_name
    FROM span_records FINAL
) AS recorded USING (trace_id, span_id, sender)
GROUP BY scope, signal, provider
ORDER BY usd DESC, scope, signal, provider
