-- Purpose: How many tasks began in a month by some entries, as in `entries.sql`. A task counts once, for the team of its first entry, and
--          in no month after the one in which it began.
-- Grain: a team
-- Columns: count: tasks, or of those only the ones whose last entry ended without an error.
WITH
    of_month AS ({entries_of_month}),
    earlier AS
    (
        SELECT task
        FROM
        (
            SELECT task, entries
            FROM agent_tasks
            WHERE day < toDate(concat({period:String}, '-01')) AND agent IN {agents:Array(String)}
            UNION ALL
            SELECT task, toInt64(-1)
            FROM of_month
            WHERE is_late AND agent IN {agents:Array(String)}
        )
        GROUP BY task
        HAVING sum(entries) > 0
    )
SELECT first_team AS team, toInt64(count()) AS count
FROM
(
    SELECT
        task,
        argMin(team, (start_time, trace_id, span_id)) AS first_team,
        argMax(status, (end_time, trace_id, span_id)) AS last_status
    FROM of_month
    WHERE key IN {keys:Array(UInt64)} AND task NOT IN (SELECT task FROM earlier)
    GROUP BY task
)
WHERE NOT {completed:Bool} OR last_status != 'Error'
GROUP BY first_team
