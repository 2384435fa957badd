-- Purpose: Where the reported cost and the one that the prices say differ by more than 1 %.
-- Grain: a provider and model
SELECT provider, model, spans, reported, computed, difference, relative
FROM price_differences
ORDER BY abs(difference) DESC, provider, model
LIMIT {rows_max:UInt32}
