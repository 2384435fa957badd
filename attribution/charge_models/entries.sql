-- Purpose: Which entries into agents a month has, those of traces that came late as a whole for a closed month included.
-- Grain: the dimensions of a charge model that entries have
-- Columns: key: number of these dimensions, by which `tasks.sql` and `time.sql` choose.
WITH
    toDateTime64(concat({period:String}, '-01'), 9, {timezone:String}) AS begins,
    late AS
    (
        SELECT trace_id, min(effective_at) AS since
        FROM posted
        WHERE trace_id IN (SELECT trace_id FROM posted WHERE period = {period:String} AND kind = 'late')
        GROUP BY trace_id
        HAVING min(period) = {period:String}
    )
SELECT
    team, department, cost_center, project, environment, workflow, agent,
    cityHash64(team, department, cost_center, project, environment, workflow, agent) AS key
FROM attributed_spans
WHERE agent_entry AND NOT reentrant
    AND start_time >= least(begins, (SELECT ifNull(minOrNull(since), begins) FROM late)) AND start_time < addMonths(begins, 1)
    AND (start_time >= begins OR trace_id IN (SELECT trace_id FROM late))
GROUP BY team, department, cost_center, project, environment, workflow, agent
