-- Purpose: Whether a span has links, or a local root continues a session.
-- Grain: one row where one does
SELECT 1
FROM {spans:Identifier}
WHERE notEmpty(links)
UNION ALL
SELECT 1
FROM {continued_sessions:Identifier}
LIMIT 1
