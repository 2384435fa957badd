-- View: savings
-- Purpose: What answers from a cache saved.
-- Grain: a day, provider and model (day, provider, model)
-- Joins: costs_by_team on day
-- Columns:
--     day Date: day in the configured zone
--     provider LowCardinality(String): who bills the call
--     model LowCardinality(String): the model that answered, else the one that was asked for
--     calls UInt64: billed spans that a cache answered
--     saved Nullable(Decimal(38, 12)): USD that they would have cost; NULL: no price is known
--     unpriced_calls UInt64: those of the calls that no price is known for
-- Example: SELECT model, sum(calls) AS calls, sum(saved) AS saved FROM savings GROUP BY model
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
    SELECT trace_id, span_id, sender, provider, model, computed_cost
    FROM span_records FINAL
    WHERE trace_id GLOBAL IN (SELECT trace_id FROM concerned) AND price_id = 'rule:cache_hit'
) AS cached
GLOBAL INNER JOIN
(
    SELECT trace_id, span_id, sender, day
    FROM decisions
    WHERE trace_id GLOBAL IN (SELECT trace_id FROM concerned) AND billable
) AS billed USING (trace_id, span_id, sender)
GROUP BY day, provider, model
