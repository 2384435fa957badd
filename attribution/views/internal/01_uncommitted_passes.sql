-- Internal view: uncommitted_passes
-- Purpose: Passes whose rows do not count: they are not done, or they died.
-- Grain: a pass (pass)
-- Columns:
--     pass UInt64: the pass
SELECT pass
FROM passes
GROUP BY pass
HAVING countIf(state = 'committed') = 0
