-- Purpose: Whether records lie on one path that tell one call, share a response id, or are log events that may tell what a span tells.
-- Grain: one row where two do
SELECT 1
FROM {nested_records:Identifier}
WHERE notEmpty(joined)
UNION ALL
SELECT 1
FROM (SELECT arrayJoin(arrayFilter((id, f) -> id != 0 AND bitTest(f, 2), span.response_hash, flags)) AS id FROM {trees:Identifier})
GROUP BY id
HAVING count() > 1
UNION ALL
SELECT 1
FROM {trees:Identifier}
WHERE arrayExists((id, f) -> id != 0 AND bitTest(f, 12), span.event_hash, flags)
LIMIT 1
