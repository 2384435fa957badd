-- Purpose: how each pool is split, and why.
-- Grain:   period, pool and team.
-- Columns: weight in the unit of the pool's driver: what the team used of the pool itself; share of the pool's cost, with what comes to
--          the team through pools that this one serves; amount in USD.
CREATE OR REPLACE VIEW allocations AS
WITH
    amounts AS
    (
        SELECT period, pool, team, sum(amount) AS amount
        FROM postings FINAL
        WHERE trace_id = '' AND kind = 'allocation'
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
