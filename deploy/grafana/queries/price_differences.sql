-- Purpose: Models whose reported cost differs from the prices by more than 1 %, in USD.
-- Grain: a provider and model
SELECT provider AS provider_name, model AS model_name, spans, reported, computed, difference, relative
FROM spanledger.price_differences
ORDER BY abs(difference) DESC, provider_name, model_name
