-- View: statements
-- Purpose: What each team paid in a closed month, as it was when the month was closed.
-- Grain: a closed month, team, department and cost center (period, team, department, cost_center)
-- Joins: closings on period
-- Columns:
--     period LowCardinality(String): the closed month
--     closed_at DateTime64(9, 'UTC'): when the month was closed
--     team LowCardinality(String): team that paid; empty: nobody was found
--     department LowCardinality(String): department of the team
--     cost_center LowCardinality(String): cost center of the team
--     direct Decimal(38, 12): USD charged to the initiator
--     allocated Decimal(38, 12): USD of shared pools
--     total Decimal(38, 12): USD, both together
-- Holds: The ledger says the same of the month ever after; an audit compares them.
-- Example: SELECT team, total FROM statements WHERE period = '2026-10' ORDER BY total DESC
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
