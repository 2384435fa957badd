-- Purpose: the table that the next stage fills, where own time costs.
-- Grain:   trace with a span that is paid by the second; columns are arrays over its spans.
CREATE TABLE {own_time:Identifier}
(
    trace_id String,
    fee      Array(Decimal(38, 12)),
    unknown  Array(Bool)
)
ENGINE = Memory
