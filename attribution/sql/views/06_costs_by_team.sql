-- Purpose: what each team pays.
-- Grain:   day and team; team '' is what no one could be found for.
-- Holds:   direct + allocated = total; the totals of a period sum to its billed cost.
CREATE OR REPLACE VIEW costs_by_team AS
SELECT
    day,
    team,
    max(ledger_days.department) AS department,
    max(ledger_days.cost_center) AS cost_center,
    sumIf(amount, pool = '') AS direct,
    sumIf(amount, kind = 'allocation') AS allocated,
    direct + allocated AS total
FROM ledger_days
GROUP BY day, team
HAVING direct != 0 OR allocated != 0
