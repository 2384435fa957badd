-- Purpose: What was posted to settle a dispute: two postings that sum to 0. A reader of one team sees its side.
-- Grain: a posting
SELECT day, period, effective_period, team, workflow, agent, model, bucket, amount, reason
FROM posted
WHERE trace_id = '' AND kind = 'adjustment' AND toString(addition) = {dispute:String}{among}
ORDER BY amount, team
