-- Purpose: Whether the first span of any session is known.
-- Grain: one row where one is known
SELECT 1
FROM {session_starts:Identifier}
LIMIT 1
