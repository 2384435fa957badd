-- Purpose: Whether the cost of a trace lacks anything, or lacked it before.
-- Grain: one row where it does or did
SELECT 1
FROM {decisions:Identifier}
WHERE notEmpty(missing)
UNION ALL
SELECT 1
FROM {previous_decisions:Identifier}
WHERE notEmpty(missing)
LIMIT 1
