-- Purpose: What was said last of each budget that was ever set or found in a file.
-- Grain: a budget (budget)
SELECT budget, kind, detail
FROM budget_events
WHERE has({kinds:Array(String)}, kind)
ORDER BY at DESC, id
LIMIT 1 BY budget
