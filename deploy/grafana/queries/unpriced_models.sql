-- Purpose: Models that no price is known for. Give them one under pricing.models.
-- Grain: a provider and model
SELECT provider AS provider_name, model AS model_name, spans, input_tokens, output_tokens, first_seen, last_seen
FROM spanledger.unpriced_models
ORDER BY spans DESC, provider_name, model_name
