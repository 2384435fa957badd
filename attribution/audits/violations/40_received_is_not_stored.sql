-- Purpose: Spans that were acknowledged and delivered to the store, and never came there.
-- Grain: a sender
SELECT
    'received is not stored' AS audit,
    concat('sender ', sender, ': ', toString(sum(delivered)), ' spans were delivered, ', toString(sum(inserted)), ' came') AS detail,
    '' AS trace_id,
    '' AS span_id,
    toDecimal128(0, 12) AS amount,
    toString(sender) AS sender
FROM
(
    SELECT sender, delivered, 0 AS inserted
    FROM sender_days FINAL
    UNION ALL
    SELECT sender, 0, spans
    FROM inserted_spans
)
GROUP BY sender
HAVING sum(delivered) > sum(inserted)
