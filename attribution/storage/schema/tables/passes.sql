-- Purpose: the passes of attribution and how they ended. What a pass writes carries its number and counts once it is committed.
-- Grain:   pass and state.
-- Holds:   what is noted here follows what is written to `attributions`, which commits a pass or gives it up for dead, never both.
CREATE TABLE IF NOT EXISTS passes
(
    pass  UInt64 COMMENT 'start, ns since the epoch',
    state Enum8('begun' = 0, 'committed' = 1, 'abandoned' = 2, 'rolled up' = 3) COMMENT 'begun, committed, abandoned or rolled up',
    at    DateTime64(9, 'UTC') DEFAULT now64(9) COMMENT 'when it was noted'
)
ENGINE = MergeTree
ORDER BY pass
