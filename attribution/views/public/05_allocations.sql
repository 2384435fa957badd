-- View: allocations
-- Purpose: How each pool is split, and why.
-- Grain: a period, pool and team (period, pool, team)
-- Joins: pools on period, pool; pool_routes on period, pool, team
-- Columns:
--     period String: month
--     pool String: the pool; empty: none
--     team String: team that pays; empty: nobody was found
--     weight Decimal(38, 12): what the team used of the pool, in the unit of the driver
--     share Decimal(38, 12): part of the pool's cost, with what comes through pools that this one serves
--     amount Decimal(38, 12): USD that the team pays
-- Holds: The amounts of a period and pool sum to its cost.
-- Example: SELECT team, share, amount FROM allocations WHERE pool = 'guardrail' ORDER BY amount DESC
WITH
    amounts AS
    (
        SELECT period, pool, team, sum(amount) AS amount
        FROM ledger_days
        WHERE kind = 'allocation'
        GROUP BY period, pool, team
    ),
    solved AS
    (
        SELECT period, pool, team, toInt256(parts) AS units
        FROM pool_parts FINAL
        WHERE parts > 0
    ),
    weights AS
    (
        SELECT period, pool, team, sum(own) AS weight, sum(units) AS part, sum(part) OVER (PARTITION BY period, pool) AS whole
        FROM
        (
            SELECT
                period, pool, team, weight AS own,
                if((period, pool) IN (SELECT period, pool FROM solved), 0, toInt256(toDecimal256(weight, 12) * toInt256(1000000000000))) AS units
            FROM pool_weights FINAL
            WHERE weight > 0
            UNION ALL
            SELECT period, pool, team, 0, units
            FROM solved
        )
        GROUP BY period, pool, team
    )
SELECT
    if(amounts.pool = '', weights.period, amounts.period) AS period,
    if(amounts.pool = '', weights.pool, amounts.pool) AS pool,
    if(amounts.pool = '', weights.team, amounts.team) AS team,
    weight,
    if(whole = 0, toDecimal128(amounts.pool != '', 12), CAST(toDecimal256(part, 30) / toDecimal256(whole, 0) AS Decimal(38, 12))) AS share,
    amount
FROM amounts
FULL OUTER JOIN weights ON weights.period = amounts.period AND weights.pool = amounts.pool AND weights.team = amounts.team
WHERE amount != 0 OR part != 0
