-- Purpose: what the touched pools are split by (R10).
-- Grain:   period, pool and initiator team.
-- Holds:   a re-entrant entry is no invocation; '' keeps its weight; a team that no longer has one is withdrawn with 0.
INSERT INTO pool_weights (version, period, pool, team, weight)
WITH
    touched AS
    (
        SELECT
            period,
            pool,
            transform(pool, {pools:Array(String)}, {drivers:Array(String)}, 'invocations') AS driver
        FROM {touched:Identifier}
    ),
    -- What is known of all passes, and what this one adds.
    use AS
    (
        SELECT period, pool, team, sum(pool_entries) AS invocations, sum(pool_duration_ns) AS duration_ns, sum(tokens) AS tokens
        FROM
        (
            SELECT period, pool, team, pool_entries, pool_duration_ns, tokens
            FROM pool_use
            UNION ALL
            SELECT formatDateTime(day, '%Y-%m'), pool, team, pool_entries, pool_duration_ns, tokens
            FROM activity
            WHERE pass = {version:UInt64}
        )
        WHERE (period, pool) IN (SELECT period, pool FROM touched)
        GROUP BY period, pool, team
    ),
    direct AS
    (
        SELECT period, team, sum(amount) AS cost
        FROM postings FINAL
        WHERE pool = '' AND period IN (SELECT period FROM touched WHERE driver = 'cost')
        GROUP BY period, team
    ),
    weights AS
    (
        SELECT
            period,
            pool,
            team,
            CAST(multiIf(
                driver = 'invocations', invocations,
                driver = 'tokens', tokens,
                driver = 'duration', duration_ns,
                driver = 'even', toUInt64(invocations > 0),
                0) AS Decimal(38, 12)) AS weight
        FROM touched
        INNER JOIN use USING (period, pool)
        UNION ALL
        SELECT period, pool, team, CAST(cost AS Decimal(38, 12))
        FROM touched
        INNER JOIN direct USING (period)
        WHERE driver = 'cost'
        UNION ALL
        SELECT period, pool, fixed.2, toDecimal128(fixed.3, 12)
        FROM touched
        ARRAY JOIN arrayFilter(
            f -> f.1 = pool, arrayZip({fixed_pools:Array(String)}, {fixed_teams:Array(String)}, {fixed_weights:Array(String)})) AS fixed
        WHERE driver = 'fixed'
        UNION ALL
        SELECT period, pool, team, toDecimal128(0, 12)
        FROM pool_weights FINAL
        WHERE (period, pool) IN (SELECT period, pool FROM touched)
    )
SELECT {version:UInt64}, period, pool, team, sum(weight)
FROM weights
GROUP BY period, pool, team
