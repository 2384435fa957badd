-- Purpose: what each team paid in a closed month, as it was when the month was closed.
-- Grain:   closed month, team, department and cost center.
-- Holds:   the ledger says the same of the month ever after; an audit compares them.
CREATE OR REPLACE VIEW statements AS
SELECT
    period,
    closings.at AS closed_at,
    team,
    department,
    cost_center,
    direct,
    allocated,
    direct + allocated AS total
FROM statement_lines
INNER JOIN (SELECT period, version, at FROM closings WHERE stands AND state = 'closed') AS closings USING (period, version)
WHERE direct != 0 OR allocated != 0
