-- Purpose: The stored parts of the pools that are split.
-- Grain: a period, month in which late cost arose, pool, via and team
SELECT period, late_from, pool, via, team, parts
FROM pool_parts FINAL
WHERE parts > 0 AND (period, pool, late_from) IN (SELECT period, pool, late_from FROM {pools_to_split:Identifier})
