-- Purpose: which traces hold a call with a given response id, to find one call told twice (R1).
-- Grain:   hash of a response id, and trace; rows stay when a resend drops the id, which only widens a search.
-- Holds:   granules are small, for ids are random: each that is looked up is in a granule of its own.
CREATE TABLE IF NOT EXISTS responses
(
    response UInt64,
    trace_id String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (response, trace_id)
SETTINGS index_granularity = 256
