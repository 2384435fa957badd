-- Purpose: whether a trace may have postings already, or needs some that are booked in another month.
-- Grain:   one row where one does.
SELECT 1
FROM {standing:Identifier}
UNION ALL
SELECT 1
FROM {lines:Identifier}
WHERE NOT is_first
LIMIT 1
