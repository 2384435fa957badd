-- Purpose: passes that somebody who died left: to be given up or, where they are committed, to be rolled up.
-- Grain:   pass.
SELECT pass
FROM passes
GROUP BY pass
HAVING countIf(state IN ('abandoned', 'rolled up')) = 0
ORDER BY pass
