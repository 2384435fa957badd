-- View: pools
-- Purpose: The pools of each month, what they cost and what they are split by.
-- Grain: a period, pool, and month in which late cost arose (period, pool, late_from)
-- Joins: allocations and pool_routes on period, pool, late_from
-- Columns:
--     period LowCardinality(String): month
--     pool LowCardinality(String): the pool
--     driver LowCardinality(String): what the pool is split by: invocations, tokens, cost, duration, even or fixed
--     use_period LowCardinality(String): month whose use counts
--     method LowCardinality(String): how pools that serve each other are solved: reciprocal, step_down or direct; empty: it serves none and
--         none serves it
--     spans Decimal(38, 12): USD of its spans
--     added Decimal(38, 12): USD that was added by hand
--     cost Decimal(38, 12): USD, both together
--     late_from LowCardinality(String): month in which late cost arose; empty: cost of the period itself
-- Example: SELECT period, pool, driver, cost FROM pools ORDER BY cost DESC
SELECT
    splits.period AS period,
    splits.pool AS pool,
    driver,
    use_period,
    method,
    costs.booked - costs.by_hand AS spans,
    costs.by_hand AS added,
    costs.booked AS cost,
    splits.late_from AS late_from
FROM pool_splits AS splits FINAL
LEFT JOIN
(
    SELECT
        period, pool, if(effective_period = period, '', toString(effective_period)) AS late_from,
        sum(amount) AS booked, sumIf(amount, kind = 'added') AS by_hand
    FROM ledger_days
    WHERE pool != '' AND kind NOT IN ('allocation', 'relief')
    GROUP BY period, pool, late_from
) AS costs ON costs.period = splits.period AND costs.pool = splits.pool AND costs.late_from = splits.late_from
WHERE costs.booked != 0 OR costs.by_hand != 0 OR (method != '' AND splits.late_from = '')
