-- Purpose: Spans of a request that was acknowledged of which nobody can say what became of them, or that were counted twice.
-- Grain: an account, sender and day
SELECT
    'received is not accounted' AS audit,
    concat(
        'sender ', sender, ', ', toString(day), ': ', toString(received), ' spans were received, ',
        toString(rejected + waiting + quarantined + dropped + delivered), ' are accounted for') AS detail,
    '' AS trace_id,
    '' AS span_id,
    toDecimal128(0, 12) AS amount,
    toString(sender) AS sender
FROM sender_days FINAL
WHERE received != rejected + waiting + quarantined + dropped + delivered
