-- Purpose: Whether a cost is split between initiators, or was.
-- Grain: one row where one is
SELECT 1
FROM {decisions:Identifier}
WHERE notEmpty(split)
UNION ALL
SELECT 1
FROM {previous_decisions:Identifier}
WHERE notEmpty(split)
LIMIT 1
