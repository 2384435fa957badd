-- Purpose: Whether two spans of one trace tell a tool's fee.
-- Grain: one row where they do
SELECT 1
FROM {trees:Identifier}
WHERE notEmpty(jumps) AND arrayCount(fee -> fee != 0, tool) > 1
LIMIT 1
