-- Purpose: What each value of a dimension costs, from the rollup of the ledger that has it, and how much of the cost has a team.
-- Grain: a value of {by}: all where {top} is 0, else the {top} most expensive, and last {others} for the cost of the others
-- Columns: direct: charged to it; shared: of pools (by team, department and cost center: allocated by use; by anything else: what was put
--          into pools under it); total: both; attributed: the part of the total that has a team. USD.
-- Holds: The totals sum to the cost of the days, whatever the dimension. Allocations lack some dimensions. By these, a pool's cost counts
--        as attributed in the proportion of the day's allocations of the pool that have a team.
WITH
    posted AS
    (
        SELECT {key:Identifier} AS value_key, {column:Identifier} AS value_name, pool, day, found, amount
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
        SELECT true AS is_top, toString(value_name) AS value, pool, day, found, amount
        FROM posted
        WHERE {top:UInt32} = 0 OR value_key IN (SELECT arrayJoin(most_expensive))
        UNION ALL
        SELECT false, {others:String}, pool, day, found, amount
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
            is_top, value, pool, day,
            sum(amount) AS cost,
            sumIf(amount, found) AS cost_found
        FROM costs
        GROUP BY is_top, value, pool, day
    )
SELECT
    value,
    sumIf(cost, pool = '') AS direct,
    sumIf(cost, pool != '') AS shared,
    direct + shared AS total,
    sum(multiIf(
        pool = '' OR {by:String} IN ('team', 'department', 'cost_center'), cost_found,
        known.whole = 0, toDecimal128(0, 12),
        CAST(
            toDecimal256(cost, 12) * toDecimal256(known.found, 12) / if(known.whole = 0, toDecimal256(1, 12), toDecimal256(known.whole, 12))
            AS Decimal(38, 12)))) AS attributed
FROM days
LEFT JOIN known USING (pool, day)
GROUP BY is_top, value
HAVING direct != 0 OR shared != 0
ORDER BY is_top DESC, total DESC, value
