-- Purpose: passes that somebody who died left: to be abandoned, or, where they are committed, to be rolled up.
-- Grain:   pass.
SELECT pass, countIf(state = 'committed') > 0 AS committed
FROM passes
GROUP BY pass
HAVING countIf(state IN ('abandoned', 'rolled up')) = 0
ORDER BY pass
