-- Purpose: Who agreed to what is charged in a month.
-- Grain: a sign-off, the latest first
SELECT at, team, who, amount, note
FROM sign_offs
WHERE period = {period:String}{among}
ORDER BY at DESC, team
LIMIT {rows_max:UInt32}
