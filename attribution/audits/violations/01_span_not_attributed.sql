-- Purpose: A span that is neither attributed nor pending, so that its cost would be lost; or a decision about a span that is not stored.
-- Grain: a span
-- Holds: Only suspect traces are looked at.
SELECT
    'span not attributed' AS audit,
    if(stored = 1, 'stored, but neither attributed nor pending', 'attributed, but not stored') AS detail,
    trace_id,
    span_id,
    amount,
    sender
FROM
(
    SELECT trace_id, span_id, sender, sum(is_stored) AS stored, sum(is_decided) AS attributed, sum(usd) AS amount
    FROM
    (
        SELECT trace_id, span_id, toString(span_records.sender) AS sender, 1 AS is_stored, 0 AS is_decided, ifNull(cost, toDecimal128(0, 12)) AS usd
        FROM span_records FINAL
        PREWHERE trace_id GLOBAL IN ({suspects})
        UNION ALL
        SELECT trace_id, span_id, sender, 0, 1, toDecimal128(0, 12)
        FROM decisions
        WHERE trace_id IN ({suspects})
    )
    GROUP BY trace_id, span_id, sender
)
WHERE stored != attributed
