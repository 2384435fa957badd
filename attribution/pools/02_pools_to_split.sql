-- Work table: pools_to_split
-- Purpose: The pools of open months that are split again, and what each is split by: those that changed, and those whose split depends on
--          what changed.
-- Grain: a period and pool (period, pool)
-- Columns:
--     period String: month of the cost
--     pool String: the pool
--     driver String: what it is split by
--     use_period String: month whose use counts
--     standalone UInt8: where nobody used it, it is split by the use of everything
--     method String: how pools that serve each other are solved; empty: it serves none and none serves it
-- Holds: A driver that was given with an addition holds for its pool and month. Pools that serve each other are split together.
WITH
    changed AS (SELECT period, pool FROM {changed_pools:Identifier}),
    added AS
    (
        SELECT toString(period) AS period, toString(pool) AS pool, max(driver) AS given
        FROM pool_additions
        GROUP BY period, pool
    ),
    known_pools AS
    (
        SELECT period, pool FROM changed WHERE pool != ''
        UNION DISTINCT
        SELECT toString(period), toString(pool) FROM pool_splits
    ),
    pools AS
    (
        SELECT period, pool FROM known_pools
        UNION DISTINCT
        SELECT period, arrayJoin({serving:Array(String)}) FROM known_pools WHERE has({serving:Array(String)}, pool)
    ),
    rules AS
    (
        SELECT
            pools.period AS period,
            pools.pool AS pool,
            if(given != '', given, transform(pools.pool, {pools:Array(String)}, {drivers:Array(String)}, 'invocations')) AS driver,
            formatDateTime(addMonths(toDate(concat(pools.period, '-01')), -1), '%Y-%m') AS period_before,
            has({pools_by_use_before:Array(String)}, pools.pool) AS is_by_use_before,
            has({serving:Array(String)}, pools.pool) AS is_serving,
            added.pool != '' OR is_serving AS standalone
        FROM pools
        LEFT JOIN added ON added.period = pools.period AND added.pool = pools.pool
    )
SELECT
    period,
    pool,
    driver,
    if(is_by_use_before, period_before, period) AS use_period,
    standalone,
    if(is_serving, {method:String}, '') AS method
FROM rules
WHERE period NOT IN (SELECT period FROM closings WHERE stands AND state = 'closed')
    AND (
        (period, pool) IN (SELECT period, pool FROM changed)
        OR ((driver = 'cost' OR standalone) AND period IN (SELECT period FROM changed))
        OR ((is_by_use_before OR is_serving) AND period_before IN (SELECT period FROM changed)))
