-- Purpose: whether a span has links.
-- Grain:   one row where one has.
SELECT 1
FROM {told:Identifier}
WHERE notEmpty(links)
LIMIT 1
