-- Purpose: Whether a team has ever paid.
-- Grain: one row where it has
SELECT 1
FROM ledger_days
WHERE team = {team:String}
LIMIT 1
