-- Purpose: What each day costs, by the most expensive values of a dimension.
-- Grain: a day and value; the values that are not among the {top} most expensive are {others}
WITH
    posted AS
    (
        SELECT day, toString({by:Identifier}) AS name, amount
        FROM {rollup:Identifier}
        WHERE day BETWEEN {first:Date} AND {last:Date}{among}
    ),
    most_expensive AS
    (
        SELECT name
        FROM posted
        GROUP BY name
        HAVING sum(amount) != 0
        ORDER BY sum(amount) DESC, name
        LIMIT {top:UInt32}
    )
SELECT
    day,
    name NOT IN (SELECT name FROM most_expensive) AS is_other,
    if(is_other, {others:String}, name) AS value,
    sum(amount) AS total
FROM posted
GROUP BY day, is_other, value
HAVING total != 0
ORDER BY is_other, value, day
