-- Purpose: whether a session's first span is known.
-- Grain:   one row where one is.
SELECT 1
FROM {session_starts:Identifier}
LIMIT 1
