-- Purpose: a span that is neither attributed nor waiting for it: its cost would be lost.
-- Grain:   span.
SELECT
    'span not attributed'            AS audit,
    'stored, but neither attributed nor pending' AS detail,
    trace_id,
    span_id,
    ifNull(cost, toDecimal128(0, 12)) AS amount
FROM span_records FINAL
WHERE (trace_id, span_id) GLOBAL NOT IN (SELECT trace_id, arrayJoin(span_id) FROM attributions)
    AND trace_id GLOBAL NOT IN (SELECT trace_id FROM pending)
