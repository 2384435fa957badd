-- Purpose: What teams dispute: what is open first, then the latest.
-- Grain: a dispute
SELECT dispute, period, team, section, item, detail, amount, state, opened_at, opened_by, reason, length(answers) AS answers, settled, payer, ended_at, ended_by
FROM disputes
WHERE ({is_open:Bool} = (state = 'open')) AND {period:String} IN ('', period){among}
ORDER BY opened_at DESC, dispute
LIMIT {rows_max:UInt32}
