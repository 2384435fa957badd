-- View: charges
-- Purpose: What each team was charged for what it cost in a closed month, where charge models held.
-- Grain: a closed month, team and charge (period, team, charge)
-- Joins: statements on period, team
-- Columns:
--     period LowCardinality(String): the closed month
--     closed_at DateTime64(9, 'UTC'): when the month was closed
--     team LowCardinality(String): team that pays; empty: nobody was found
--     charge String: name of the charge model; direct: charged as it cost
--     account String: where the variance is booked; empty: there is none
--     cost Decimal(38, 12): USD by the ledger of what the charge covers; of a subscription what it would have cost
--     variance Decimal(38, 12): USD charged beyond it
--     charged Decimal(38, 12): USD, both together
-- Holds: Of a team the costs are its total in `statements`; an audit compares them.
-- Example: SELECT team, sum(cost), sum(variance), sum(charged) FROM charges WHERE period = '2026-10' GROUP BY team ORDER BY team
SELECT
    period,
    any(closings.at) AS closed_at,
    team,
    if(section = 'variance', detail, item) AS charge,
    maxIf(item, section = 'variance') AS account,
    sumIf(amount, section = 'covered') AS cost,
    sumIf(amount, section = 'variance') AS variance,
    sumIf(amount, section = 'charged') AS charged
FROM statement_items
INNER JOIN (SELECT period, version, at FROM closings WHERE stands AND state = 'closed') AS closings USING (period, version)
WHERE section IN ('charged', 'covered', 'variance')
GROUP BY period, team, charge
