-- Purpose: How long agents worked in a month, of some entries, as in `entries.sql`: the time of those that lie below no other of them.
-- Grain: a team
-- Columns: duration_ns: ns.
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
SELECT team, toInt64(sum(attributed_spans.duration_ns)) AS duration_ns
FROM attributed_spans
WHERE agent_entry AND NOT reentrant
    AND cityHash64(team, department, cost_center, project, environment, workflow, agent) IN {keys:Array(UInt64)}
    AND arrayCount(above -> match(above, {agent:String}), path_agents) = 1
    AND start_time >= least(begins, (SELECT ifNull(minOrNull(since), begins) FROM late)) AND start_time < addMonths(begins, 1)
    AND (start_time >= begins OR trace_id IN (SELECT trace_id FROM late))
GROUP BY team
