-- Purpose: Posts the difference between the due and the posted allocations of the pools (R10, R11).
-- Grain: a posting: per pool, day, and month in which the cost arose, an allocation for each team and a relief of the pool
-- Holds: Per pool and day the allocations sum to the cost, and the relief is its negative. Whole units of the 12th digit go by largest
--        remainder, ties by team name. Without any weight all of the cost goes to ''. A pool that serves other pools is split by its parts.
INSERT INTO postings
(
    pass, posted_at, effective_at, effective_period, period, day, kind, pool, team, department, cost_center, agent, amount, reason
)
WITH
    toInt256(1000000000000) AS units_per_usd,
    -- The postings of this pass are not in `ledger_days` yet, because it is not committed.
    pool_postings AS
    (
        SELECT
            period, if(effective_period = period, '', toString(effective_period)) AS late_from, day, pool, kind, team, department, cost_center, amount
        FROM ledger_days
        WHERE pool != ''
        UNION ALL
        SELECT period, if(effective_period = period, '', toString(effective_period)), day, pool, kind, team, department, cost_center, amount
        FROM postings
        WHERE pass = {version:UInt64}
    ),
    costs AS
    (
        SELECT period, late_from, day, pool, toInt256(toDecimal256(sum(amount), 12) * units_per_usd) AS cost_units
        FROM pool_postings
        WHERE kind NOT IN ('allocation', 'relief') AND (period, pool, late_from) IN (SELECT period, pool, late_from FROM {pools_to_split:Identifier})
        GROUP BY period, late_from, day, pool
        HAVING cost_units != 0
    ),
    solved AS
    (
        SELECT period, late_from, pool, team, sum(toInt256(parts)) AS weight_units
        FROM pool_parts FINAL
        WHERE parts > 0 AND (period, pool, late_from) IN (SELECT period, pool, late_from FROM {pools_to_split:Identifier})
        GROUP BY period, late_from, pool, team
    ),
    used AS
    (
        SELECT period, late_from, pool, team, toInt256(toDecimal256(weight, 12) * units_per_usd) AS weight_units
        FROM pool_weights FINAL
        WHERE weight > 0
            AND (period, pool, late_from) IN (SELECT period, pool, late_from FROM {pools_to_split:Identifier})
            AND (period, pool, late_from) NOT IN (SELECT period, pool, late_from FROM solved)
    ),
    -- By `caused` each team bears on a day what its own workflows cost in the pool on that day; of a day on which none did, and of late cost, by
    -- the month.
    caused AS
    (
        SELECT
            formatDateTime(day, '%Y-%m') AS period, day, toString(initiator_days.pool) AS pool, toString(initiator_days.team) AS team,
            toInt256(toDecimal256(sum(amount), 12) * units_per_usd) AS weight_units
        FROM initiator_days
        WHERE (period, pool) IN (SELECT period, pool FROM {pools_to_split:Identifier} WHERE driver = 'caused' AND method = '' AND late_from = '')
        GROUP BY period, day, pool, team
        HAVING weight_units > 0
    ),
    weights AS
    (
        SELECT
            period, late_from, day, pool, team, weight_units, sum(weight_units) OVER (PARTITION BY period, late_from, day, pool) AS all_weights
        FROM
        (
            SELECT period, '' AS late_from, day, pool, team, weight_units FROM caused
            UNION ALL
            SELECT costs.period, costs.late_from, costs.day, costs.pool, team, weight_units
            FROM costs
            INNER JOIN (SELECT * FROM solved UNION ALL SELECT * FROM used) AS of_month
                ON of_month.period = costs.period AND of_month.late_from = costs.late_from AND of_month.pool = costs.pool
            WHERE costs.late_from != '' OR (costs.period, costs.day, costs.pool) NOT IN (SELECT period, day, pool FROM caused)
        )
    ),
    shares AS
    (
        SELECT
            costs.period AS period,
            costs.late_from AS late_from,
            day,
            costs.pool AS pool,
            weights.team AS team,
            cost_units,
            if(all_weights = 0, 1, weight_units) AS own_weight,
            if(all_weights = 0, 1, all_weights) AS whole_weight,
            intDiv(abs(cost_units) * own_weight, whole_weight) AS base,
            abs(cost_units) * own_weight - base * whole_weight AS remainder,
            row_number() OVER (PARTITION BY costs.period, costs.late_from, day, costs.pool ORDER BY remainder DESC, team) AS place,
            abs(cost_units) - sum(base) OVER (PARTITION BY costs.period, costs.late_from, day, costs.pool) AS left_over
        FROM costs
        LEFT JOIN weights ON weights.period = costs.period AND weights.late_from = costs.late_from AND weights.day = costs.day AND weights.pool = costs.pool
    ),
    due_and_posted AS
    (
        SELECT
            period, late_from, day, pool, 'allocation' AS kind, team,
            transform(team, {teams:Array(String)}, {departments:Array(String)}, '') AS department,
            transform(team, {teams:Array(String)}, {cost_centers:Array(String)}, '') AS cost_center,
            toDecimal128(toDecimal256(sign(cost_units) * (base + (place <= left_over)), 12) / units_per_usd, 12) AS amount,
            0 AS is_posted
        FROM shares
        UNION ALL
        SELECT
            period, late_from, day, pool, 'relief', '', '', '',
            -toDecimal128(toDecimal256(cost_units, 12) / units_per_usd, 12),
            0
        FROM costs
        UNION ALL
        SELECT period, late_from, day, pool, kind, team, department, cost_center, -amount, 1
        FROM pool_postings
        WHERE kind IN ('allocation', 'relief') AND (period, pool, late_from) IN (SELECT period, pool, late_from FROM {pools_to_split:Identifier})
    ),
    differences AS
    (
        SELECT period, late_from, day, pool, kind, team, department, cost_center, sum(amount) AS difference, max(is_posted) AS was_posted
        FROM due_and_posted
        GROUP BY ALL
        HAVING difference != 0
    )
SELECT
    {version:UInt64},
    now64(9),
    toDateTime64(if(late_from = '', toString(day), concat(late_from, '-01')), 9, {timezone:String}),
    if(late_from = '', period, late_from), period, day, kind, pool, team, department, cost_center,
    pool,
    difference,
    if(
        was_posted = 1, 'the cost, the use or the rule changed: split again',
        concat(
            'split by ', if(driver = 'fixed', 'fixed weights', driver),
            if(use_period != to_split.period, concat(' of ', use_period), ''),
            if(late_from = '', '', ', as it arose there'),
            if(method != '', concat(' and the pools it serves: ', method), '')))
FROM differences
INNER JOIN {pools_to_split:Identifier} AS to_split ON to_split.period = differences.period AND to_split.late_from = differences.late_from AND to_split.pool = differences.pool
