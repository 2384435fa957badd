-- Purpose: Whether the spans of a month were let go of.
-- Grain: one row where they were
SELECT 1
FROM pruned_months
WHERE period = {period:String} AND pruned = 'span'
LIMIT 1
