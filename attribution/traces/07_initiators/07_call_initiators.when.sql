-- Purpose: Whether several records tell one call.
-- Grain: one row where they do
SELECT 1
FROM {calls:Identifier}
LIMIT 1
