-- View: price_differences
-- Purpose: Where the cost that an emitter reported and the one that the prices say differ by more than 1 %: wrong prices or wrong counts.
-- Grain: a provider and model, over leaf spans with such a difference (provider, model)
-- Joins: spans on provider, model
-- Columns:
--     provider LowCardinality(String): who bills the call
--     model LowCardinality(String): the model that answered, else the one that was asked for
--     spans UInt64: leaf spans with such a difference
--     reported Decimal(38, 12): USD that the emitters reported
--     computed Decimal(38, 12): USD that the prices say
--     difference Decimal(38, 12): reported - computed, USD
--     relative Nullable(Decimal(38, 12)): difference by computed; NULL where that is 0
-- Example: SELECT provider, model, spans, difference FROM price_differences ORDER BY abs(difference) DESC
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
