-- Purpose: the table that the next stage fills, where a call may be told twice in a trace.
-- Grain:   trace in which a call lies below another, or a tool's fee right below the same one.
CREATE TABLE {nested:Identifier}
(
    trace_id String,
    hidden   Array(String),
    outer    Array(String)
)
ENGINE = Memory
