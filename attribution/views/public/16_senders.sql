-- View: senders
-- Purpose: What each sender sent on a day, and what became of it, in spans.
-- Grain: a day and sender (day, sender)
-- Joins: spans on sender; the day is that of the receipt, which spans do not show
-- Holds: received = rejected + waiting + quarantined + dropped + delivered. Delivered are stored, or duplicates of what is stored.
-- Columns:
--     day Date: day of the receipt, UTC
--     sender LowCardinality(String): who sent, by the ingest key; empty: no keys are configured
--     received UInt64: in requests that were acknowledged
--     rejected UInt64: named as invalid in the acknowledgement
--     waiting UInt64: in the spool, to be stored
--     quarantined UInt64: set aside, because they could not be stored or a policy keeps them out
--     dropped UInt64: deleted from the quarantine by its owner
--     delivered UInt64: the store has taken them
--     set_at DateTime64(9, 'UTC'): when the latest of these figures was counted
-- Example: SELECT sender, sum(received) AS received, sum(quarantined) AS quarantined FROM senders GROUP BY sender
SELECT
    day,
    sender,
    sum(received) AS received,
    sum(rejected) AS rejected,
    sum(waiting) AS waiting,
    sum(quarantined) AS quarantined,
    sum(dropped) AS dropped,
    sum(delivered) AS delivered,
    max(set_at) AS set_at
FROM sender_days FINAL
GROUP BY day, sender
