-- Purpose: What was posted for a span.
-- Grain: a posting
SELECT posted_at, day, period, kind, pool, team, agent, model, amount, reason
FROM ledger
WHERE trace_id = {trace_id:String} AND span_id = {span_id:String}{among}
ORDER BY posted_at, kind
