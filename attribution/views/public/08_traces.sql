-- View: traces
-- Purpose: Every trace at a glance. A condition on start_time reads only the days that it names.
-- Grain: a trace that attribution has seen (trace_id)
-- Joins: spans, attributed_spans and ledger on trace_id
-- Columns:
--     trace_id String: trace, 32 hex digits
--     start_time DateTime64(9, 'UTC'): when its first span began
--     duration_ns UInt64: from its first start to its last end, ns
--     spans UInt32: number of spans
--     team LowCardinality(String): team of its first local root; empty: nobody was found
--     user String: user of its first local root
--     task String: task of its first local root
--     workflow LowCardinality(String): workflow of its first local root
--     cost Decimal(38, 12): USD billed
--     unpriced_spans UInt32: billed spans of unknown cost: the cost lacks them
--     unobserved Decimal(38, 12): USD that totals tell beyond all that is billed: the cost lacks them
--     sampled_factor Decimal(38, 12): how many traces it stands for, by the threshold of its trace state; 1: it was not sampled
--     flags Array(String): orphan: a span names a parent that is not there; cycle: a loop of parent pointers
-- Example: SELECT trace_id, workflow, cost FROM traces WHERE start_time >= today() - 7 ORDER BY cost DESC LIMIT 10
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
    unobserved,
    sampled_factor,
    arrayConcat(if(cycles > 0, ['cycle'], []), if(orphans > 0, ['orphan'], [])) AS flags
FROM trace_days FINAL
