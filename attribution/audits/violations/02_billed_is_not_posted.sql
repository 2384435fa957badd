-- Purpose: a span whose postings do not sum to what it is billed (R11, R13).
-- Grain:   span.
-- Holds:   looked for in suspect traces only.
SELECT
    'billed is not posted' AS audit,
    concat('billed ', toString(sum(billed)), ', posted ', toString(sum(posted))) AS detail,
    trace_id,
    span_id,
    sum(billed) - sum(posted) AS amount
FROM
(
    SELECT trace_id, span_id, amount AS billed, toDecimal128(0, 12) AS posted
    FROM decisions
    WHERE amount != 0 AND trace_id IN ({suspects})
    UNION ALL
    SELECT trace_id, span_id, toDecimal128(0, 12), amount
    FROM posted
    WHERE trace_id != '' AND trace_id IN ({suspects})
)
GROUP BY trace_id, span_id
HAVING sum(billed) != sum(posted)
