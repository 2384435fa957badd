-- Internal view: uncommitted_passes
-- Purpose: Passes whose rows do not count: they run, or they were abandoned.
-- Grain: a pass (pass)
-- Columns:
--     pass UInt64: the pass
SELECT pass
FROM passes
GROUP BY pass
HAVING countIf(state = 'committed') = 0
