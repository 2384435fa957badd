-- Purpose: Whether records may tell one call with another one of their path, or the sum of those below.
-- Grain: one row where one may
SELECT 1
FROM {suspect_traces:Identifier}
LIMIT 1
