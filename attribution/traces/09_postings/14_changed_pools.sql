-- Purpose: Marks the pools whose cost or use this pass changes.
-- Grain: a period and pool; pool '' stands for every period in which something changed
-- Holds: Both the month and the month that it is booked in are marked: use counts in the first, cost in the second.
INSERT INTO pool_changes (period, pool, mark)
WITH
    changed AS
    (
        SELECT period, arrayJoin(['', pool]) AS pool
        FROM
        (
            SELECT DISTINCT formatDateTime(day, '%Y-%m') AS period, toString(pool) AS pool
            FROM activity
            WHERE pass = {version:UInt64}
            UNION ALL
            SELECT DISTINCT formatDateTime(day, '%Y-%m'), toString(pool)
            FROM initiator_parts
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
    FROM changed
    UNION DISTINCT
    SELECT booked_period, pool
    FROM changed
    INNER JOIN {closed_periods:Identifier} AS booking USING (period)
)
