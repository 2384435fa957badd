-- Purpose: which traces link to a trace, to attribute them again when it changes (R8).
-- Grain:   target trace and linking trace.
CREATE TABLE IF NOT EXISTS links
(
    target_trace_id String COMMENT 'the trace that is linked to',
    trace_id        String COMMENT 'trace, 32 hex digits'
)
ENGINE = ReplacingMergeTree
ORDER BY (target_trace_id, trace_id)
