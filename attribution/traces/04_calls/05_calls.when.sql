-- Purpose: Whether records may tell one call.
-- Grain: one row where two may
SELECT 1
FROM {shared_records:Identifier}
LIMIT 1
