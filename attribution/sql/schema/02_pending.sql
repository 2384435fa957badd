-- Purpose: traces that changed since they were last attributed.
-- Grain:   change; a mark is unique, so that settling what was read never settles what came after.
CREATE TABLE IF NOT EXISTS pending
(
    trace_id String,
    mark     UInt64
)
ENGINE = MergeTree
ORDER BY trace_id
