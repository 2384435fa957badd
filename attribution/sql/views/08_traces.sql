-- Purpose: every trace at a glance.
-- Grain:   trace that attribution has seen.
-- Columns: team, user, task and workflow are those of its first local root; flags: orphan, cycle.
CREATE OR REPLACE VIEW traces AS
SELECT
    trace_id,
    start_time,
    toUInt64(toUnixTimestamp64Nano(end_time) - toUnixTimestamp64Nano(start_time)) AS duration_ns,
    spans,
    team,
    user,
    task,
    workflow,
    cost,
    unpriced_spans,
    arrayConcat(if(cycles > 0, ['cycle'], []), if(orphans > 0, ['orphan'], [])) AS flags
FROM trace_days FINAL
