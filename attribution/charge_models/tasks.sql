-- Purpose: How many tasks began in a month by some entries, as in `entries.sql`. A task counts once, for the team of its first entry, and
--          in no month after the one in which it began.
-- Grain: a team
-- Columns: count: tasks, or of those only the ones whose last entry ended without an error.
WITH
    toDateTime64(concat({period:String}, '-01'), 9, {timezone:String}) AS begins,
    late AS
    (
        SELECT trace_id, min(effective_at) AS since
        FROM posted
        WHERE trace_id IN (SELECT trace_id FROM posted WHERE period = {period:String} AND kind = 'late')
        GROUP BY trace_id
        HAVING min(period) = {period:String}
    ),
    (SELECT ifNull(minOrNull(since), begins) FROM late) AS first_late,
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
            FROM attributed_spans
            WHERE agent_entry AND NOT reentrant AND start_time >= first_late AND start_time < begins AND agent IN {agents:Array(String)}
                AND trace_id IN (SELECT trace_id FROM late)
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
    FROM attributed_spans
    WHERE agent_entry AND NOT reentrant
        AND cityHash64(team, department, cost_center, project, environment, workflow, agent) IN {keys:Array(UInt64)}
        AND start_time >= least(begins, first_late) AND start_time < addMonths(begins, 1)
        AND (start_time >= begins OR trace_id IN (SELECT trace_id FROM late))
        AND task NOT IN (SELECT task FROM earlier)
    GROUP BY task
)
WHERE NOT {completed:Bool} OR last_status != 'Error'
GROUP BY first_team
