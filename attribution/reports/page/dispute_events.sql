-- Purpose: What was said in a dispute, in order.
-- Grain: an event
SELECT at, kind, who, reason, amount, payer, team
FROM dispute_events
WHERE toString(dispute) = {dispute:String}{among}
ORDER BY at
LIMIT {rows_max:UInt32}
