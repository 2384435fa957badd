-- Work table: pools_to_split
-- Purpose: The pools of open months that are split again, and what each is split by: those that changed, and those whose split depends on
--          what changed.
-- Grain: a period, pool, and month in which late cost arose (period, pool, late_from)
-- Columns:
--     period String: month in which the cost is booked
--     pool String: the pool
--     late_from String: month in which late cost arose; empty: cost of the period itself
--     driver String: what it is split by
--     use_period String: month whose use counts
--     standalone UInt8: where nobody used it, it is split by the use of everything
--     method String: how pools that serve each other are solved; empty: it serves none and none serves it
-- Holds: Late cost of a closed month is split as that month's cost would be today, late entries included. A driver that was given with an
--        addition holds for its pool and month. Pools that serve each other are split together.
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
        SELECT period, pool, '' AS late_from FROM changed WHERE pool != ''
        UNION DISTINCT
        SELECT toString(period), toString(pool), toString(late_from) FROM pool_splits
        UNION DISTINCT
        SELECT toString(period), toString(pool), toString(effective_period)
        FROM ledger_days
        WHERE pool != '' AND effective_period NOT IN ('', period)
    ),
    pools AS
    (
        SELECT period, pool, late_from FROM known_pools
        UNION DISTINCT
        SELECT period, arrayJoin({serving:Array(String)}), late_from FROM known_pools WHERE has({serving:Array(String)}, pool)
    ),
    rules AS
    (
        SELECT
            pools.period AS period,
            pools.pool AS pool,
            late_from,
            if(late_from = '', pools.period, late_from) AS arose,
            if(given != '', given, transform(pools.pool, {pools:Array(String)}, {drivers:Array(String)}, 'invocations')) AS driver,
            formatDateTime(addMonths(toDate(concat(arose, '-01')), -1), '%Y-%m') AS period_before,
            has({pools_by_use_before:Array(String)}, pools.pool) AS is_by_use_before,
            has({serving:Array(String)}, pools.pool) AS is_serving,
            added.pool != '' OR is_serving AS standalone
        FROM pools
        LEFT JOIN added ON added.period = if(pools.late_from = '', pools.period, pools.late_from) AND added.pool = pools.pool
    )
SELECT
    period,
    pool,
    late_from,
    driver,
    if(is_by_use_before, period_before, arose) AS use_period,
    standalone,
    if(is_serving, {method:String}, '') AS method
FROM rules
WHERE period NOT IN (SELECT period FROM closings WHERE stands AND state = 'closed')
    AND (
        (period, pool) IN (SELECT period, pool FROM changed)
        OR (arose, pool) IN (SELECT period, pool FROM changed)
        OR ((driver = 'cost' OR standalone) AND arose IN (SELECT period FROM changed))
        OR ((is_by_use_before OR is_serving) AND period_before IN (SELECT period FROM changed)))
