-- Purpose: marks the pools whose cost or use this pass moves.
-- Grain:   period and pool; pool '' for every period in which something moved.
-- Holds:   a month and the one that it is booked in are both marked: use counts in the first, cost in the second.
INSERT INTO pool_changes (period, pool, mark)
WITH
    moved AS
    (
        SELECT period, arrayJoin(['', pool]) AS pool
        FROM
        (
            SELECT DISTINCT formatDateTime(day, '%Y-%m') AS period, toString(pool) AS pool
            FROM activity
            WHERE pass = {version:UInt64}
            UNION ALL
            SELECT DISTINCT toString(period), toString(pool)
            FROM postings
            WHERE pass = {version:UInt64}
        )
    )
SELECT period, pool, rand64()
FROM
(
    SELECT period, pool
    FROM moved
    UNION DISTINCT
    SELECT booked_period, pool
    FROM moved
    INNER JOIN {closed_periods:Identifier} AS booking USING (period)
)
