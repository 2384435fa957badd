-- Purpose: what answers from a cache saved.
-- Grain:   day, provider and model.
-- Columns: calls: billed spans that a cache answered; saved: USD that they would have cost, NULL where no price is known;
--          unpriced_calls: those of them that no price is known for.
CREATE OR REPLACE VIEW savings AS
WITH concerned AS (SELECT DISTINCT trace_id FROM span_records WHERE price_id = 'rule:cache_hit')
SELECT
    day,
    provider,
    model,
    count() AS calls,
    sum(computed_cost) AS saved,
    countIf(computed_cost IS NULL) AS unpriced_calls
FROM
(
    SELECT trace_id, span_id, provider, model, computed_cost
    FROM span_records FINAL
    WHERE trace_id GLOBAL IN (SELECT trace_id FROM concerned) AND price_id = 'rule:cache_hit'
) AS cached
GLOBAL INNER JOIN
(
    SELECT trace_id, span_id, day
    FROM decisions
    WHERE trace_id GLOBAL IN (SELECT trace_id FROM concerned) AND billable
) AS billed USING (trace_id, span_id)
GROUP BY day, provider, model
