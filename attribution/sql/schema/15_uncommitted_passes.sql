-- Purpose: passes whose rows do not count: they are not done, or they died.
-- Grain:   pass; as few as died, and the one at work.
CREATE VIEW IF NOT EXISTS uncommitted_passes AS
SELECT pass
FROM passes
GROUP BY pass
HAVING countIf(state = 'committed') = 0
