-- Purpose: Who agreed to what is charged in a month.
-- Grain: a sign-off, the latest first
SELECT at, team, who, amount, note
FROM sign_offs
WHERE period = {period:String} AND ({any_team:Bool} OR has({teams:Array(String)}, team))
ORDER BY at DESC, team
