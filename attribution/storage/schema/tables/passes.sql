-- Purpose: The passes of attribution and how they ended. The rows of a pass carry its number and count once it is committed.
-- Grain: a pass and state
-- Holds: A row here is written after `attributions` is, which commits a pass or abandons it, never both.
CREATE TABLE IF NOT EXISTS passes
(
    pass  UInt64 COMMENT 'start, ns since the epoch',
    state Enum8('begun' = 0, 'committed' = 1, 'abandoned' = 2, 'rolled up' = 3) COMMENT 'begun, committed, abandoned or rolled up',
    at    DateTime64(9, 'UTC') DEFAULT now64(9) COMMENT 'when it was noted'
)
ENGINE = MergeTree
ORDER BY pass
