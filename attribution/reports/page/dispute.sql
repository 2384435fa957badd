-- Purpose: One dispute.
-- Grain: one row, or none
SELECT
    dispute, period, team, section, item, detail, amount, state, opened_at, opened_by, reason, settled, payer, ended_at, ended_by, outcome
FROM disputes
WHERE toString(dispute) = {dispute:String}{among}
