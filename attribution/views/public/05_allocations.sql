-- View: allocations
-- Purpose: How each pool is split, and why.
-- Grain: a period, pool, team, and month in which late cost arose (period, pool, team, late_from)
-- Joins: pools on period, pool, late_from; pool_routes on period, pool, team, late_from
-- Columns:
--     period String: month
--     pool String: the pool; empty: none
--     team String: team that pays; empty: nobody was found
--     weight Decimal(38, 12): what the team used of the pool, in the unit of the driver
--     share Decimal(38, 12): part of the pool's cost, with what comes through pools that this one serves
--     amount Decimal(38, 12): USD that the team pays
--     late_from String: month in which late cost arose, whose use splits it; empty: cost of the period itself
-- Holds: The amounts of a period and pool sum to its cost.
-- Example: SELECT team, share, amount FROM allocations WHERE pool = 'guardrail' ORDER BY amount DESC
WITH
    amounts AS
    (
        SELECT period, pool, team, if(effective_period = period, '', toString(effective_period)) AS late_from, sum(amount) AS amount
        FROM ledger_days
        WHERE kind = 'allocation'
        GROUP BY period, pool, team, late_from
    ),
    solved AS
    (
        SELECT period, pool, team, late_from, toInt256(parts) AS units
        FROM pool_parts FINAL
        WHERE parts > 0
    ),
    weights AS
    (
        SELECT period, pool, team, late_from, sum(own) AS weight, sum(units) AS part, sum(part) OVER (PARTITION BY period, pool, late_from) AS whole
        FROM
        (
            SELECT
                period, pool, team, late_from, weight AS own,
                if((period, pool, late_from) IN (SELECT period, pool, late_from FROM solved), 0, toInt256(toDecimal256(weight, 12) * toInt256(1000000000000))) AS units
            FROM pool_weights FINAL
            WHERE weight > 0
            UNION ALL
            SELECT period, pool, team, late_from, 0, units
            FROM solved
        )
        GROUP BY period, pool, team, late_from
    )
SELECT
    if(amounts.pool = '', weights.period, amounts.period) AS period,
    if(amounts.pool = '', weights.pool, amounts.pool) AS pool,
    if(amounts.pool = '', weights.team, amounts.team) AS team,
    weight,
    if(whole = 0, toDecimal128(amounts.pool != '', 12), CAST(toDecimal256(part, 30) / toDecimal256(whole, 0) AS Decimal(38, 12))) AS share,
    amount,
    if(amounts.pool = '', weights.late_from, amounts.late_from) AS late_from
FROM amounts
FULL OUTER JOIN weights
    ON weights.period = amounts.period AND weights.pool = amounts.pool AND weights.team = amounts.team AND weights.late_from = amounts.late_from
-- Late cost that was taken back, because its month is open again, has weights and no amount.
WHERE amount != 0 OR (part != 0 AND late_from = '')
