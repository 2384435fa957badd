-- Purpose: The traces that name a session, to find the first span of the session (R8).
-- Grain: a hash of a session, and trace. Rows stay when a resend drops the session, which only widens a search.
CREATE TABLE IF NOT EXISTS session_traces
(
    session  UInt64 COMMENT 'hash of the session',
    trace_id String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (session, trace_id)
SETTINGS index_granularity = 1024
