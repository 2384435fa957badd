-- Purpose: How many postings the committed passes since a given one made.
-- Grain: one row
SELECT sum(made) AS n
FROM
(
    SELECT pass, count() AS made
    FROM postings
    WHERE pass >= {first:UInt64}
    GROUP BY pass
    UNION ALL
    SELECT pass, sum(length(amount))
    FROM first_postings
    WHERE pass >= {first:UInt64}
    GROUP BY pass
)
WHERE pass NOT IN (SELECT pass FROM uncommitted_passes)
