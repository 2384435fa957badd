-- Purpose: The spans just read for which the table holds several contents with one start, and the content that was taken.
-- Grain: a span
CREATE TABLE {several:Identifier}
(
    trace_id String,
    span_id  String,
    version  UInt64,
    content  UInt64
)
ENGINE = Memory
