-- Purpose: every trace at a glance.
-- Grain:   trace that attribution has seen.
-- Columns: team, user, task and workflow are those of its first local root; flags: orphan, cycle.
CREATE OR REPLACE VIEW traces AS
SELECT
    trace_id,
    min(recorded.start_time) AS start_time,
    toUInt64(max(toUnixTimestamp64Nano(recorded.start_time) + recorded.duration_ns) - toUnixTimestamp64Nano(start_time)) AS duration_ns,
    count() AS spans,
    argMinIf(decided.team, (recorded.start_time, span_id), span_id = root_span_id) AS team,
    argMinIf(decided.user, (recorded.start_time, span_id), span_id = root_span_id) AS user,
    argMinIf(decided.task, (recorded.start_time, span_id), span_id = root_span_id) AS task,
    argMinIf(decided.workflow, (recorded.start_time, span_id), span_id = root_span_id) AS workflow,
    sum(amount) AS cost,
    countIf(billable AND recorded.cost IS NULL) AS unpriced_spans,
    arraySort(arrayDistinct(groupArrayArray(decided.flags))) AS flags
FROM (SELECT * FROM attributions FINAL) AS decided
INNER JOIN (SELECT trace_id, span_id, start_time, duration_ns, cost FROM span_records FINAL) AS recorded USING (trace_id, span_id)
GROUP BY trace_id
