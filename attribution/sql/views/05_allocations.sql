-- Purpose: how each pool is split, and why.
-- Grain:   period, pool and team.
-- Columns: weight in the unit of the pool's driver; share of the period's whole weight; amount in USD.
CREATE OR REPLACE VIEW allocations AS
WITH
    amounts AS
    (
        SELECT period, pool, team, sum(amount) AS amount
        FROM postings FINAL
        WHERE trace_id = '' AND kind = 'allocation'
        GROUP BY period, pool, team
    ),
    weights AS
    (
        SELECT period, pool, team, weight, sum(weight) OVER (PARTITION BY period, pool) AS whole
        FROM pool_weights FINAL
        WHERE weight > 0
    )
SELECT
    if(amounts.pool = '', weights.period, amounts.period) AS period,
    if(amounts.pool = '', weights.pool, amounts.pool) AS pool,
    if(amounts.pool = '', weights.team, amounts.team) AS team,
    weight,
    if(whole = 0, toDecimal128(amounts.pool != '', 12), CAST(toDecimal256(weight, 30) / toDecimal256(whole, 12) AS Decimal(38, 12))) AS share,
    amount
FROM amounts
FULL OUTER JOIN weights ON weights.period = amounts.period AND weights.pool = amounts.pool AND weights.team = amounts.team
WHERE amount != 0 OR weight != 0
