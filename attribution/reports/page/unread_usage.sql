-- Purpose: Numbers that look like usage or cost and that nobody reads, those seen last first.
-- Grain: a scope and attribute key
SELECT scope, attribute, spans, example, first_seen, last_seen
FROM unread_usage
ORDER BY last_seen DESC, scope, attribute
LIMIT {rows_max:UInt32}
