-- Purpose: Whether records lie on one path that tell one call, or share a response id.
-- Grain: one row where two do
SELECT 1
FROM {nested_records:Identifier}
WHERE notEmpty(joined)
UNION ALL
SELECT 1
FROM (SELECT arrayJoin(arrayFilter((id, f) -> id != 0 AND bitTest(f, 2), span.response_hash, flags)) AS id FROM {trees:Identifier})
GROUP BY id
HAVING count() > 1
LIMIT 1
