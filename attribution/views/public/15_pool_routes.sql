-- View: pool_routes
-- Purpose: The way on which the cost of a pool comes to a team: directly, or through a pool that it serves.
-- Grain: a period, pool, via, team, and month in which late cost arose (period, pool, via, team, late_from)
-- Joins: allocations on period, pool, team, late_from
-- Columns:
--     period LowCardinality(String): month
--     pool LowCardinality(String): the pool
--     via String: last pool on the way; the pool itself where the team used it directly
--     team LowCardinality(String): team that pays; empty: nobody was found
--     share Decimal(38, 12): part of the pool's cost
--     amount Decimal(38, 12): USD
--     late_from String: month in which late cost arose; empty: cost of the period itself
-- Holds: The amounts of a period, pool and team sum to what `allocations` says. The last digits go by largest remainder, ties by via.
-- Example: SELECT via, team, amount FROM pool_routes WHERE pool = 'platform'
WITH
    toInt256(1000000000000) AS units_per_usd,
    solved AS
    (
        SELECT period, pool, via, team, late_from, toInt256(parts) AS units
        FROM pool_parts FINAL
        WHERE parts > 0
    ),
    ways AS
    (
        SELECT period, pool, via, team, late_from, units, sum(units) OVER (PARTITION BY period, pool, late_from) AS whole
        FROM
        (
            SELECT period, pool, via, team, late_from, units
            FROM solved
            UNION ALL
            SELECT period, pool, pool, team, late_from, toInt256(toDecimal256(weight, 12) * units_per_usd)
            FROM pool_weights FINAL
            WHERE weight > 0 AND (period, pool, late_from) NOT IN (SELECT period, pool, late_from FROM solved)
        )
    ),
    amounts AS
    (
        SELECT
            period, pool, team, if(effective_period = period, '', toString(effective_period)) AS late_from,
            toInt256(toDecimal256(sum(amount), 12) * units_per_usd) AS paid
        FROM ledger_days
        WHERE kind = 'allocation'
        GROUP BY period, pool, team, late_from
        HAVING paid != 0
    ),
    owned AS
    (
        SELECT
            amounts.period AS period,
            amounts.pool AS pool,
            if(via = '', amounts.pool, via) AS through,
            amounts.team AS team,
            amounts.late_from AS late_from,
            paid,
            if(units = 0, 1, units) AS own,
            if(whole = 0, 1, whole) AS all_of_pool,
            sum(own) OVER (PARTITION BY amounts.period, amounts.pool, amounts.team, amounts.late_from) AS all_of_team
        FROM amounts
        LEFT JOIN ways
            ON ways.period = amounts.period AND ways.pool = amounts.pool AND ways.team = amounts.team AND ways.late_from = amounts.late_from
    ),
    parts AS
    (
        SELECT
            *,
            intDiv(abs(paid) * own, all_of_team) AS base,
            row_number() OVER (PARTITION BY period, pool, team, late_from ORDER BY abs(paid) * own - base * all_of_team DESC, through) AS place,
            abs(paid) - sum(base) OVER (PARTITION BY period, pool, team, late_from) AS left_over
        FROM owned
    )
SELECT
    period,
    pool,
    through AS via,
    team,
    CAST(toDecimal256(own, 30) / toDecimal256(all_of_pool, 0) AS Decimal(38, 12)) AS share,
    toDecimal128(toDecimal256(sign(paid) * (base + (place <= left_over)), 12) / units_per_usd, 12) AS amount,
    late_from
FROM parts
