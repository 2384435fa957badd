-- Purpose: every trace at a glance.
-- Grain:   trace that attribution has seen.
-- Columns: team, user, task and workflow are those of its first local root; flags: orphan, cycle.
CREATE OR REPLACE VIEW traces AS
SELECT
    trace_id,
    start_time,
    toUInt64(toUnixTimestamp64Nano(end_time) - toUnixTimestamp64Nano(start_time)) AS duration_ns,
    spans,
    attributions.team[1] AS team,
    attributions.user[1] AS user,
    attributions.task[1] AS task,
    attributions.workflow[1] AS workflow,
    cost,
    unpriced_spans,
    arrayConcat(if(cycles > 0, ['cycle'], []), if(orphans > 0, ['orphan'], [])) AS flags
FROM attributions FINAL
WHERE trace_id != ''
