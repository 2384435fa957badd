-- Purpose: What each value of a dimension costs, and what it cost in the days before.
-- Grain: a value; the {rows_max} most expensive
-- Holds: direct + shared = total. By team, department and cost center shared is what was allocated; by anything else, what was put into
--        pools under it.
SELECT
    toString({by:Identifier}) AS value,
    sumIf(amount, day >= {first:Date} AND pool = '') AS direct,
    sumIf(amount, day >= {first:Date} AND pool != '') AS shared,
    direct + shared AS total,
    sumIf(amount, day < {first:Date}) AS total_before
FROM {rollup:Identifier}
WHERE day BETWEEN {before:Date} AND {last:Date}{among}
GROUP BY value
HAVING direct != 0 OR shared != 0 OR total_before != 0
ORDER BY total DESC, value
LIMIT {rows_max:UInt32}
