-- Purpose: the table that the next stage fills, where sessions hand on who started the work.
-- Grain:   local root with a session.
CREATE TABLE {continued:Identifier}
(
    trace_id        String,
    root_span_id    String,
    target_trace_id String,
    target_span_id  String
)
ENGINE = Memory
