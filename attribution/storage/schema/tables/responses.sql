-- Purpose: The traces that hold a call with a given response id, to find the spans that record one call (R1).
-- Grain: a hash of a response id, a trace, who told it, and when. Rows stay when a resend drops the id, which only widens a search.
-- Holds: Granules and compressed blocks are small, because ids are random: each one that is looked up is in another granule. Almost all ids
--        that are looked up are in one trace. The hash of the trace shows this, so its id need not be read.
CREATE TABLE IF NOT EXISTS responses
(
    response UInt64 COMMENT 'hash of the response id, or of the session and counts of a call without one',
    trace    UInt64 COMMENT 'hash of the trace',
    trace_id String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1)),
    emitter  UInt64 COMMENT 'hash of sender, service, scope and signal; 0: the record tells no tokens, or it is not known' CODEC(ZSTD(1)),
    begins UInt32 COMMENT 'when the record begins, s since the epoch; 0: it is not known' CODEC(ZSTD(1)),
    lasts  UInt16 COMMENT 'how long it lasts at most, s; 65535: longer' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (response, trace, emitter, begins, lasts)
SETTINGS index_granularity = 256, min_compress_block_size = 2048
