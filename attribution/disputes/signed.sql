-- Purpose: What was signed in a month, the latest of each team.
-- Grain: a team
SELECT team, amount, who, at, note
FROM sign_offs
WHERE period = {period:String}
ORDER BY at DESC
LIMIT 1 BY team
