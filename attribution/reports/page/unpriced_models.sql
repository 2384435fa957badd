-- Purpose: Models without a known price, the most used first.
-- Grain: a provider and model
SELECT provider, model, spans, input_tokens, output_tokens, first_seen, last_seen
FROM unpriced_models
ORDER BY spans DESC, provider, model
LIMIT {rows_max:UInt32}
