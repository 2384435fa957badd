-- Purpose: the spans just read of which the table holds several contents with one start, and the one that stands.
-- Grain:   span.
CREATE TABLE {several:Identifier}
(
    trace_id String,
    span_id  String,
    version  UInt64,
    content  UInt64
)
ENGINE = Memory
