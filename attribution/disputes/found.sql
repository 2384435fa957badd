-- Purpose: Disputes of a month and team, the oldest first.
-- Grain: a dispute
SELECT dispute, period, team, section, item, detail, amount, state, opened_at, opened_by, reason, answers, settled, payer, ended_at, ended_by, outcome
FROM disputes
WHERE {period:String} IN ('', period) AND ({any_team:Bool} OR has({teams:Array(String)}, team))
ORDER BY opened_at, dispute
