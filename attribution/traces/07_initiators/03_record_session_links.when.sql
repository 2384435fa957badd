-- Purpose: Whether a local root continues a session.
-- Grain: one row where a local root does
SELECT 1
FROM {continued_sessions:Identifier}
LIMIT 1
