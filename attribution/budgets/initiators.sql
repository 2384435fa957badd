-- Purpose: Who started some traces, as attribution decided it: the initiator of the first local root that has a team, else of the first.
-- Grain: a trace (trace_id)
SELECT
    trace_id,
    argMin(
        (team, department, cost_center, project, environment, user, session, task, workflow),
        (team = '', day, span_id != root_span_id, span_id)) AS names,
    countIf(has(flags, 'orphan')) AS orphans
FROM decisions
WHERE trace_id IN {traces:Array(String)}
GROUP BY trace_id
