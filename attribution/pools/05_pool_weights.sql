-- Purpose: what the asked pools are split by (R10).
-- Grain:   period, pool and initiator team.
-- Holds:   a re-entrant entry is no invocation; '' keeps its weight; a team that no longer has one is withdrawn with 0. A pool whose
--          cost is added or served, and that nobody used, is split by the use of everything in the month: all entries, all tokens,
--          the time of all local roots, the teams with an entry.
INSERT INTO pool_weights (version, period, pool, team, weight)
WITH
    asked AS (SELECT * FROM {pools_to_split:Identifier}),
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
        WHERE period IN (SELECT use_period FROM asked WHERE driver NOT IN ('cost', 'fixed'))
        GROUP BY period, pool, team
        HAVING invocations != 0 OR duration_ns != 0 OR tokens != 0 OR all_invocations != 0 OR all_duration_ns != 0
    ),
    use_of_pools AS
    (
        SELECT asked.period AS period, asked.pool AS pool, driver, team, invocations, duration_ns, tokens
        FROM asked
        INNER JOIN use ON use.period = asked.use_period AND use.pool = asked.pool
        UNION ALL
        SELECT asked.period, asked.pool, driver, team, all_invocations, all_duration_ns, tokens
        FROM asked
        INNER JOIN use ON use.period = asked.use_period
        WHERE standalone AND (use_period, asked.pool) NOT IN (SELECT period, pool FROM use)
    ),
    direct AS
    (
        SELECT period, team, sum(amount) AS cost
        FROM ledger_days
        WHERE pool = '' AND period IN (SELECT use_period FROM asked WHERE driver = 'cost')
        GROUP BY period, team
    ),
    weights AS
    (
        SELECT
            period,
            pool,
            team,
            CAST(multiIf(
                driver = 'invocations', sum(invocations),
                driver = 'tokens', sum(tokens),
                driver = 'duration', sum(duration_ns),
                driver = 'even', toUInt64(sum(invocations) > 0),
                0) AS Decimal(38, 12)) AS weight
        FROM use_of_pools
        GROUP BY period, pool, driver, team
        UNION ALL
        SELECT asked.period, pool, team, CAST(cost AS Decimal(38, 12))
        FROM asked
        INNER JOIN direct ON direct.period = asked.use_period
        WHERE driver = 'cost'
        UNION ALL
        SELECT period, pool, fixed.2, toDecimal128(fixed.3, 12)
        FROM asked
        ARRAY JOIN arrayFilter(
            f -> f.1 = pool, arrayZip({fixed_pools:Array(String)}, {fixed_teams:Array(String)}, {fixed_weights:Array(String)})) AS fixed
        WHERE driver = 'fixed'
        UNION ALL
        SELECT period, pool, team, toDecimal128(0, 12)
        FROM pool_weights FINAL
        WHERE (period, pool) IN (SELECT period, pool FROM asked)
    )
SELECT {version:UInt64}, period, pool, team, sum(weight)
FROM weights
GROUP BY period, pool, team
