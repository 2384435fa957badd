-- Purpose: the first spans of sessions, where sessions hand on who started the work.
-- Grain:   session that a trace of the batch names.
CREATE TABLE {firsts:Identifier}
(
    session  String,
    first    Tuple(start_time DateTime64(9, 'UTC'), trace_id String, span_id String)
)
ENGINE = Memory
