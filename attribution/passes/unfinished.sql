-- Purpose: Passes that did not end because their worker died. They are abandoned or, where they are committed, rolled up.
-- Grain: a pass
SELECT pass
FROM passes
GROUP BY pass
HAVING countIf(state IN ('abandoned', 'rolled up')) = 0
ORDER BY pass
