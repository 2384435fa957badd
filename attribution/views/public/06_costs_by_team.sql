-- View: costs_by_team
-- Purpose: What each team pays.
-- Grain: a day and team (day, team)
-- Joins: allocations on team
-- Columns:
--     day Date: day in the configured zone
--     team LowCardinality(String): team that pays; empty: nobody was found
--     department String: department of the team
--     cost_center String: cost center of the team
--     direct Decimal(38, 12): USD charged to the initiator
--     allocated Decimal(38, 12): USD of shared pools
--     total Decimal(38, 12): USD, both together
-- Holds: direct + allocated = total. The totals of a period sum to its billed cost.
-- Example: SELECT team, sum(direct) AS direct, sum(allocated) AS shared, sum(total) AS total FROM costs_by_team GROUP BY team ORDER BY
--          total DESC
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
