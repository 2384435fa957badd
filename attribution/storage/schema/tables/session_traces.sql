-- Purpose: which traces name a session, to find the first one (R8).
-- Grain:   hash of a session, and trace; rows stay when a resend drops the session, which only widens a search.
CREATE TABLE IF NOT EXISTS session_traces
(
    session  UInt64 COMMENT 'hash of the session',
    trace_id String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (session, trace_id)
SETTINGS index_granularity = 1024
