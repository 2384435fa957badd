-- Purpose: what each value of a dimension costs, from the ledger.
-- Grain:   value of {by}.
-- Columns: direct: charged to it; shared: of pools (by team, department and cost center: allocated by use; by anything else: the
--          calls made under it); total: both. USD.
-- Holds:   the totals sum to the billed cost of the days, whatever the dimension.
SELECT
    toString({by:Identifier}) AS value,
    sumIf(amount, pool = '') AS direct,
    sumIf(amount, pool != '') AS shared,
    direct + shared AS total
FROM ledger
WHERE day BETWEEN {first:Date} AND {last:Date}
GROUP BY value
HAVING direct != 0 OR shared != 0
ORDER BY total DESC, value
