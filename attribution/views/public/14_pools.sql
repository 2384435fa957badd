-- View: pools
-- Purpose: The pools of each month, what they cost and what they are split by.
-- Grain: a period and pool (period, pool)
-- Joins: allocations and pool_routes on period, pool
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
-- Example: SELECT period, pool, driver, cost FROM pools ORDER BY cost DESC
SELECT
    splits.period AS period,
    splits.pool AS pool,
    driver,
    use_period,
    method,
    costs.booked - costs.by_hand AS spans,
    costs.by_hand AS added,
    costs.booked AS cost
FROM pool_splits AS splits FINAL
LEFT JOIN
(
    SELECT period, pool, sum(amount) AS booked, sumIf(amount, kind = 'added') AS by_hand
    FROM ledger_days
    WHERE pool != '' AND kind NOT IN ('allocation', 'relief')
    GROUP BY period, pool
) AS costs ON costs.period = splits.period AND costs.pool = splits.pool
WHERE costs.booked != 0 OR costs.by_hand != 0 OR method != ''
