-- Purpose: Lets who told a response id, and when, be seen. Rows from before say neither: they may be of anybody, at any time.
-- Grain: the whole table
ALTER TABLE responses
    ADD COLUMN IF NOT EXISTS emitter UInt64 COMMENT 'hash of sender, service, scope and signal; 0: the record tells no tokens, or it is not known' CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS begins UInt32 COMMENT 'when the record begins, s since the epoch; 0: it is not known' CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS lasts UInt16 COMMENT 'how long it lasts at most, s; 65535: longer' CODEC(ZSTD(1)),
    MODIFY ORDER BY (response, trace, emitter, begins, lasts)
