-- Purpose: What each value of one or two dimensions costs, in all or by day, week or month, from the rollup of the ledger that has the
--          dimensions, and how much of the cost has a team.
-- Grain: a day, week or month where {axis} names it, and a value of {by} and of {and_by}: all where {top} is 0, else the {top} most
--        expensive of all days, and last {others} for the cost of the others
-- Columns: since: the day, the Monday of the week or the month; value, and_value: of {by} and {and_by}; direct: charged to it; shared: of
--          pools (by team, department and cost center: allocated by use; by anything else: what was put into pools under it); total: both;
--          attributed: the part of the total that has a team, USD; place: where the line stands.
-- Holds: The totals sum to the cost of the days, whatever the dimensions. Allocations lack some dimensions. By these, a pool's cost counts
--        as attributed in the proportion of the day's allocations of the pool that have a team. Beside a dimension that allocations have,
--        what went into a pool and out of it is named like its allocations, by {pooled_column} and {and_pooled}: so it is 0 together.
WITH
    posted AS
    (
        SELECT
            (
                if(pool = '', {key:Identifier}, {pooled_key:Identifier}),
                if({and_by:String} = '', '', if(pool = '', toString({and_column:Identifier}), toString({and_pooled:Identifier})))
            ) AS value_key,
            if(pool = '', {column:Identifier}, {pooled_column:Identifier}) AS value_name,
            pool, day, found, amount
        FROM {rollup:Identifier}
        WHERE dimension = {dimension:String} AND day BETWEEN {first:Date} AND {last:Date}
    ),
    (
        SELECT groupArray(value_key)
        FROM
        (
            SELECT value_key
            FROM posted
            WHERE {top:UInt32} > 0
            GROUP BY value_key
            ORDER BY sum(amount) DESC, value_key
            LIMIT {top:UInt32}
        )
    ) AS most_expensive,
    -- Names are read only for the lines that are shown. There may be millions of others.
    costs AS
    (
        SELECT true AS is_top, toString(value_name) AS value, value_key.2 AS and_value, pool, day, found, amount
        FROM posted
        WHERE {top:UInt32} = 0 OR value_key IN (SELECT arrayJoin(most_expensive))
        UNION ALL
        SELECT false, {others:String}, if({and_by:String} = '', '', {others:String}), pool, day, found, amount
        FROM posted
        WHERE {top:UInt32} > 0 AND value_key NOT IN (SELECT arrayJoin(most_expensive))
    ),
    known AS
    (
        SELECT pool, day, sumIf(amount, kind = 'allocation' AND team != '') AS found, sumIf(amount, kind = 'allocation') AS whole
        FROM ledger_days
        WHERE day BETWEEN {first:Date} AND {last:Date} AND pool != ''
        GROUP BY pool, day
    ),
    days AS
    (
        SELECT
            is_top, value, and_value, pool, day,
            sum(amount) AS cost,
            sumIf(amount, found) AS cost_found
        FROM costs
        GROUP BY is_top, value, and_value, pool, day
    )
SELECT
    multiIf(
        {axis:String} = 'day', toString(day),
        {axis:String} = 'week', toString(toMonday(day)),
        {axis:String} = 'month', substring(toString(day), 1, 7),
        '') AS since,
    value,
    and_value,
    sumIf(cost, pool = '') AS direct,
    sumIf(cost, pool != '') AS shared,
    direct + shared AS total,
    sum(multiIf(
        pool = '' OR {has_payer:Bool}, cost_found,
        known.whole = 0, toDecimal128(0, 12),
        CAST(
            toDecimal256(cost, 12) * toDecimal256(known.found, 12) / if(known.whole = 0, toDecimal256(1, 12), toDecimal256(known.whole, 12))
            AS Decimal(38, 12)))) AS attributed,
    row_number() OVER (ORDER BY since, is_top DESC, total DESC, value, and_value) AS place
FROM days
LEFT JOIN known USING (pool, day)
GROUP BY is_top, since, value, and_value
HAVING direct != 0 OR shared != 0
