-- Purpose: Traces that changed since they were last attributed. The view `pending` reads it.
-- Grain: a change and sign: settling a change adds its opposite, and merges drop both. A mark is unique, so that settling a change never
--        settles a later one.
CREATE TABLE IF NOT EXISTS changes
(
    trace_id String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1)),
    mark     UInt64 COMMENT 'the change; unique, so that settling what was read never settles what came after',
    spans    UInt64 COMMENT 'inserted with the change; 0 where something else changed',
    sign     Int8 DEFAULT 1 COMMENT '1: changed, -1: settled'
)
ENGINE = CollapsingMergeTree(sign)
ORDER BY (trace_id, mark)
