-- Purpose: models that no price is known for: what they use is in no total until the configuration has one.
-- Grain:   provider and model, over billed spans without a price.
-- Columns: input_tokens, output_tokens: NULL where no span says; first_seen, last_seen: starts of the spans.
CREATE OR REPLACE VIEW unpriced_models AS
SELECT
    provider,
    model,
    count() AS spans,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    min(start_time) AS first_seen,
    max(start_time) AS last_seen
FROM attributed_spans
-- A price id names a price that there is, but that could not be worked out.
WHERE billable AND unbilled_reason = '' AND cost_source = 'unpriced' AND price_id = ''
GROUP BY provider, model
