-- Purpose: which traces hold a call with a given response id, to find one call told twice (R1).
-- Grain:   hash of a response id, and of a trace; rows stay when a resend drops the id, which only widens a search.
-- Holds:   granules and compressed blocks are small, for ids are random: each that is looked up is in a granule of its own. Almost all
--          that are looked up are in one trace: that is told by numbers, so its name need not be read.
CREATE TABLE IF NOT EXISTS responses
(
    response UInt64 COMMENT 'hash of the response id',
    trace    UInt64 COMMENT 'hash of the trace',
    trace_id String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (response, trace)
SETTINGS index_granularity = 256, min_compress_block_size = 2048
