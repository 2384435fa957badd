-- Purpose: what answers from a cache saved.
-- Grain:   day, provider and model.
-- Columns: calls: billed spans that a cache answered; saved: USD that they would have cost, NULL where no price is known;
--          unpriced_calls: those of them that no price is known for.
CREATE OR REPLACE VIEW savings AS
SELECT
    day,
    provider,
    model,
    count() AS calls,
    sum(computed_cost) AS saved,
    countIf(computed_cost IS NULL) AS unpriced_calls
FROM attributed_spans
WHERE price_id = 'rule:cache_hit' AND billable
GROUP BY day, provider, model
