-- Purpose: marks the pools whose cost or use this pass may move: those of the traces as they are, those whose use changed, and
--          those that they are posted to.
-- Grain:   period and pool; pool '' for every period of the traces.
-- Holds:   a month and the one that it is booked in are both marked: use counts in the first, cost in the second.
INSERT INTO pending_pools (period, pool, mark)
WITH
    decided AS
    (
        SELECT DISTINCT period, pool
        FROM {attributed:Identifier}
    ),
    used AS
    (
        SELECT DISTINCT formatDateTime(day, '%Y-%m') AS period, pool
        FROM activity
        WHERE pass = {version:UInt64}
    ),
    posted AS
    (
        SELECT DISTINCT period, pool
        FROM postings
        WHERE trace_id != '' AND trace_id IN (SELECT trace_id FROM {batch:Identifier} WHERE dirty)
    ),
    moved AS
    (
        SELECT toString(period) AS period, arrayJoin(['', toString(pool)]) AS pool
        FROM (SELECT * FROM decided UNION ALL SELECT * FROM used UNION ALL SELECT * FROM posted)
    )
SELECT period, pool, rand64()
FROM
(
    SELECT period, pool
    FROM moved
    UNION DISTINCT
    SELECT booked_period, pool
    FROM moved
    INNER JOIN {booking:Identifier} AS booking USING (period)
)
