-- Purpose: a month in which billed, posted, and direct plus allocated are not one figure (R13).
-- Grain:   period.
SELECT
    'period does not balance' AS audit,
    concat(period, ': billed ', toString(sum(billed)), ', ledger ', toString(sum(posted)), ', teams pay ', toString(sum(paid))) AS detail,
    '' AS trace_id,
    '' AS span_id,
    sum(billed) - sum(paid) AS amount
FROM
(
    SELECT period, amount AS billed, toDecimal128(0, 12) AS posted, toDecimal128(0, 12) AS paid
    FROM decisions
    WHERE trace_id NOT IN (SELECT trace_id FROM pending)
    UNION ALL
    SELECT period, toDecimal128(0, 12), amount, if(pool = '' OR kind = 'allocation', amount, toDecimal128(0, 12))
    FROM postings FINAL
    WHERE trace_id NOT IN (SELECT trace_id FROM pending)
)
WHERE (SELECT count() FROM pending) = 0
GROUP BY period
HAVING sum(billed) != sum(posted) OR sum(billed) != sum(paid)
