-- Purpose: whether a span has links, or a local root continues a session.
-- Grain:   one row where one has.
SELECT 1
FROM {told:Identifier}
WHERE notEmpty(links)
UNION ALL
SELECT 1
FROM {continued:Identifier}
LIMIT 1
