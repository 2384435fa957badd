-- Purpose: A span whose postings do not sum to its billed amount (R11, R13).
-- Grain: a span
-- Holds: Only suspect traces are looked at.
SELECT
    'billed is not posted' AS audit,
    concat('billed ', toString(sum(billed)), ', posted ', toString(sum(posted))) AS detail,
    trace_id,
    span_id,
    sum(billed) - sum(posted) AS amount,
    sender
FROM
(
    SELECT trace_id, span_id, sender, amount AS billed, toDecimal128(0, 12) AS posted
    FROM decisions
    WHERE amount != 0 AND trace_id IN ({suspects})
    UNION ALL
    SELECT trace_id, span_id, sender, toDecimal128(0, 12), amount
    FROM posted
    WHERE trace_id != '' AND trace_id IN ({suspects})
)
GROUP BY trace_id, span_id, sender
HAVING sum(billed) != sum(posted)
