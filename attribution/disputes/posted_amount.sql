-- Purpose: What was posted already to settle a dispute, by a run that was killed before it could say so.
-- Grain: at most one row, for the team that pays instead
SELECT team AS payer, amount
FROM posted
WHERE trace_id = '' AND kind = 'adjustment' AND addition = toUUID({dispute:String}) AND amount > 0
