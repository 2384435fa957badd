-- Purpose: What was let go of.
-- Grain: a month and what was let go of
SELECT *
FROM prunings
ORDER BY period, pruned
