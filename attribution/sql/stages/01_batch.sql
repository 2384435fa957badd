-- Purpose: the traces of this pass: some of the pending ones, oldest names first so that every pass makes way.
-- Grain:   trace.
-- Columns: marks settles exactly what was read; dirty: to be attributed, otherwise read as context only.
CREATE TABLE {batch:Identifier} ENGINE = Memory AS
SELECT
    trace_id,
    groupArray(mark) AS marks,
    true             AS dirty
FROM pending
GROUP BY trace_id
ORDER BY trace_id
LIMIT {traces_max:UInt64}
