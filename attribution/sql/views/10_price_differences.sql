-- Purpose: where the cost that an emitter reported and the one that the prices say differ by more than 1 %: wrong prices, wrong counts.
-- Grain:   provider and model, over leaf spans with such a difference.
-- Columns: reported, computed: USD of these spans; difference: reported - computed; relative: to computed, NULL where that is 0.
CREATE OR REPLACE VIEW price_differences AS
SELECT
    provider,
    model,
    count() AS spans,
    sum(assumeNotNull(reported_cost)) AS reported,
    sum(assumeNotNull(computed_cost)) AS computed,
    reported - computed AS difference,
    if(computed = 0, NULL, CAST(toDecimal256(difference, 30) / toDecimal256(if(computed = 0, 1, computed), 12) AS Decimal(38, 12))) AS relative
FROM span_records FINAL
WHERE usage = 'leaf' AND price_id != 'rule:cache_hit'
    AND reported_cost IS NOT NULL AND computed_cost IS NOT NULL
    AND abs(toDecimal256(reported_cost, 12) - toDecimal256(computed_cost, 12)) * 100 > toDecimal256(computed_cost, 12)
GROUP BY provider, model
