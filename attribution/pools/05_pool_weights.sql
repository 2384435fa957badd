-- Purpose: Stores the weights that the pools are split by (R10).
-- Grain: a period, pool, initiator team, and month in which late cost arose
-- Holds: A re-entrant entry is no invocation. '' keeps its weight. A team that has no weight any more is withdrawn with 0. A pool that has
--        additions, serves or is served, and that nobody used, is split by the use of everything in the month: all entries, all tokens, the
--        time of all local roots, the teams with an entry. Late cost that is split by cost: by all that arose in its month.
INSERT INTO pool_weights (version, period, pool, team, late_from, weight)
WITH
    to_split AS (SELECT * FROM {pools_to_split:Identifier}),
    use AS
    (
        SELECT
            period,
            pool,
            team,
            sum(pool_entries) AS invocations,
            sum(pool_duration_ns) AS duration_ns,
            sum(pool_use.tokens) AS tokens,
            sum(entries) AS all_invocations,
            sum(root_duration_ns) AS all_duration_ns
        FROM pool_use
        WHERE period IN (SELECT use_period FROM to_split WHERE driver NOT IN ('cost', 'caused', 'fixed'))
        GROUP BY period, pool, team
        HAVING invocations != 0 OR duration_ns != 0 OR tokens != 0 OR all_invocations != 0 OR all_duration_ns != 0
    ),
    use_of_pools AS
    (
        SELECT to_split.period AS period, to_split.pool AS pool, late_from, driver, team, invocations, duration_ns, tokens
        FROM to_split
        INNER JOIN use ON use.period = to_split.use_period AND use.pool = to_split.pool
        UNION ALL
        SELECT to_split.period, to_split.pool, late_from, driver, team, all_invocations, all_duration_ns, tokens
        FROM to_split
        INNER JOIN use ON use.period = to_split.use_period
        WHERE standalone AND (use_period, to_split.pool) NOT IN (SELECT period, pool FROM use)
    ),
    direct AS
    (
        SELECT month.1 AS period, month.2 AS is_late, team, sum(amount) AS cost
        FROM ledger_days
        ARRAY JOIN [(toString(ledger_days.period), 0), (toString(ledger_days.effective_period), 1)] AS month
        WHERE pool = '' AND month.1 IN (SELECT use_period FROM to_split WHERE driver = 'cost')
        GROUP BY period, is_late, team
    ),
    -- What the workflows of each team cost in a pool.
    caused AS
    (
        SELECT formatDateTime(day, '%Y-%m') AS period, toString(initiator_days.pool) AS pool, toString(initiator_days.team) AS team, sum(amount) AS cost
        FROM initiator_days
        WHERE (period, pool) IN (SELECT use_period, pool FROM to_split WHERE driver = 'caused')
        GROUP BY period, pool, team
    ),
    weights AS
    (
        SELECT
            period,
            pool,
            team,
            late_from,
            CAST(multiIf(
                driver = 'invocations', sum(invocations),
                driver = 'tokens', toDecimal128(sum(tokens), 12),
                driver = 'duration', toDecimal128(sum(duration_ns), 12),
                driver = 'even', toDecimal128(sum(invocations) > 0, 12),
                toDecimal128(0, 12)) AS Decimal(38, 12)) AS weight
        FROM use_of_pools
        GROUP BY period, pool, late_from, driver, team
        UNION ALL
        SELECT to_split.period, pool, team, late_from, CAST(cost AS Decimal(38, 12))
        FROM to_split
        INNER JOIN direct ON direct.period = to_split.use_period AND direct.is_late = (to_split.late_from != '')
        WHERE driver = 'cost'
        UNION ALL
        SELECT to_split.period, to_split.pool, caused.team, late_from, cost
        FROM to_split
        INNER JOIN caused ON caused.period = to_split.use_period AND caused.pool = to_split.pool
        WHERE driver = 'caused'
        UNION ALL
        SELECT period, pool, fixed.2, late_from, toDecimal128(fixed.3, 12)
        FROM to_split
        ARRAY JOIN arrayFilter(
            f -> f.1 = pool, arrayZip({fixed_pools:Array(String)}, {fixed_teams:Array(String)}, {fixed_weights:Array(String)})) AS fixed
        WHERE driver = 'fixed'
        UNION ALL
        SELECT period, pool, team, late_from, toDecimal128(0, 12)
        FROM pool_weights FINAL
        WHERE (period, pool, late_from) IN (SELECT period, pool, late_from FROM to_split)
    )
SELECT {version:UInt64}, period, pool, team, late_from, sum(weight)
FROM weights
GROUP BY period, pool, team, late_from
