-- View: unpriced_models
-- Purpose: Models that no price is known for: what they use is in no total until the configuration has one.
-- Grain: a provider and model, over billed spans without a price (provider, model)
-- Joins: spans on provider, model
-- Columns:
--     provider LowCardinality(String): who bills the call
--     model LowCardinality(String): the model that answered, else the one that was asked for
--     spans UInt64: billed spans without a price
--     input_tokens Nullable(UInt64): NULL: no span tells
--     output_tokens Nullable(UInt64): NULL: no span tells
--     first_seen DateTime64(9, 'UTC'): start of the first such span
--     last_seen DateTime64(9, 'UTC'): start of the last such span
-- Example: SELECT provider, model, spans FROM unpriced_models ORDER BY spans DESC
WITH concerned AS (SELECT trace_id FROM attributions WHERE unpriced_spans > 0)
SELECT
    provider,
    model,
    count() AS spans,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    min(start_time) AS first_seen,
    max(start_time) AS last_seen
FROM
(
    SELECT trace_id, span_id, sender, provider, model, recorded.input_tokens AS input_tokens, recorded.output_tokens AS output_tokens, start_time
    FROM span_records AS recorded FINAL
    -- A price id names a price that there is, but that could not be worked out.
    WHERE trace_id GLOBAL IN (SELECT trace_id FROM concerned) AND cost_source = 'unpriced' AND price_id = ''
) AS unpriced
GLOBAL INNER JOIN
(
    SELECT trace_id, span_id, sender
    FROM decisions
    WHERE trace_id IN (SELECT trace_id FROM concerned) AND is_unpriced AND unbilled_reason = ''
) AS billed USING (trace_id, span_id, sender)
GROUP BY provider, model
