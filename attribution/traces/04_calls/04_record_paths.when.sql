-- Purpose: Whether records share a response id that are not of one chain.
-- Grain: one row where two do
SELECT 1
FROM {shared_records:Identifier}
WHERE response_hash != 0
GROUP BY response_hash
HAVING min(chain) != max(chain)
LIMIT 1
