-- Purpose: The entries into agents of a month, those of traces that came late as a whole for a closed month included. `entries.sql`,
--          `tasks.sql` and `time.sql` read it.
-- Grain: an entry into an agent that is not at work above (trace_id, span_id, sender)
-- Columns: key: number of the dimensions of a charge model that entries have, by which models choose.
WITH
    toDateTime64(concat({period:String}, '-01'), 9, {timezone:String}) AS begins,
    late AS
    (
        SELECT trace_id, min(effective_at) AS since
        FROM posted
        WHERE trace_id GLOBAL IN (SELECT trace_id FROM posted WHERE period = {period:String} AND kind = 'late')
        GROUP BY trace_id
        HAVING min(period) = {period:String}
    )
SELECT
    trace_id, span_id, sender, start_time, end_time, duration_ns, status, task, path_agents,
    team, department, cost_center, project, environment, workflow, agent,
    cityHash64(team, department, cost_center, project, environment, workflow, agent) AS key,
    start_time < begins AS is_late
FROM attributed_spans
WHERE agent_entry AND NOT reentrant
    AND start_time >= least(begins, (SELECT ifNull(minOrNull(since), begins) FROM late)) AND start_time < addMonths(begins, 1)
    AND (start_time >= begins OR trace_id GLOBAL IN (SELECT trace_id FROM late))
