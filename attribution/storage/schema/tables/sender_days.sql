-- Purpose: What each sender sent on a day and what became of it, in spans, as the spool of each collector counts it.
-- Grain: an account, sender and day; the latest row counts.
-- Holds: received = rejected + waiting + quarantined + dropped + delivered. An account is what one spool has counted for this store.
CREATE TABLE IF NOT EXISTS sender_days
(
    account     String COMMENT 'the spool that counted',
    sender      LowCardinality(String) COMMENT 'who sent, by the ingest key',
    day         Date COMMENT 'of the receipt, UTC',
    received    UInt64 COMMENT 'in requests that were acknowledged',
    rejected    UInt64 COMMENT 'named as invalid in the acknowledgement',
    waiting     UInt64 COMMENT 'in the spool, to be stored',
    quarantined UInt64 COMMENT 'set aside, because they could not be stored',
    dropped     UInt64 COMMENT 'deleted from the quarantine by its owner',
    delivered   UInt64 COMMENT 'the store has taken them; those that were there already are duplicates',
    set_at      DateTime64(9, 'UTC') DEFAULT now64(9) COMMENT 'when this was counted'
)
ENGINE = ReplacingMergeTree(set_at)
ORDER BY (account, sender, day)
