-- Purpose: the passes of attribution and how they ended. What a pass writes carries its number and counts once it is committed.
-- Grain:   pass and state. Of `committed` and `abandoned` only the first is kept: both are inserted under the pass's own token, and
--          what is inserted under a known token is ignored. So a pass that was given up for dead can never commit.
CREATE TABLE IF NOT EXISTS passes
(
    pass  UInt64 COMMENT 'start, ns since the epoch',
    state Enum8('begun' = 0, 'committed' = 1, 'abandoned' = 2, 'rolled up' = 3),
    at    DateTime64(9, 'UTC') DEFAULT now64(9)
)
ENGINE = MergeTree
ORDER BY pass
SETTINGS non_replicated_deduplication_window = 10000
