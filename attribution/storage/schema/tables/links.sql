-- Purpose: The traces that link to a trace. They are attributed again when it changes (R8).
-- Grain: a target trace and linking trace
CREATE TABLE IF NOT EXISTS links
(
    target_trace_id String COMMENT 'the trace that is linked to',
    trace_id        String COMMENT 'trace, 32 hex digits'
)
ENGINE = ReplacingMergeTree
ORDER BY (target_trace_id, trace_id)
