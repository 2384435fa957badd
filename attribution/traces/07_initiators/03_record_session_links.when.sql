-- Purpose: whether a local root continues a session.
-- Grain:   one row where one does.
SELECT 1
FROM {continued_sessions:Identifier}
LIMIT 1
