-- Purpose: The stored parts of the pools that are split.
-- Grain: a period, pool, via and team
SELECT period, pool, via, team, parts
FROM pool_parts FINAL
WHERE parts > 0 AND (period, pool) IN (SELECT period, pool FROM {pools_to_split:Identifier})
