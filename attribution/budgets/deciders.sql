-- Purpose: The services that could decide, since when, and whether each knows of this one.
-- Grain: a service
SELECT decider, since, has(seen, {decider:String}) AS knows
FROM deciders FINAL
WHERE expires_at > now64(3)
ORDER BY since, decider
