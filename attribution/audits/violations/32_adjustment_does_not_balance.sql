-- Purpose: A dispute whose adjustments do not sum to 0, or are not what it was settled by.
-- Grain: a dispute
SELECT
    'adjustment does not balance' AS audit,
    concat(
        'dispute ', toString(dispute), ': settled by ', toString(sum(agreed)), ', taken off ', toString(-sum(taken)), ', paid instead ',
        toString(sum(given))) AS detail,
    '' AS trace_id,
    '' AS span_id,
    if(sum(taken) + sum(given) != 0, sum(taken) + sum(given), sum(agreed) - sum(given)) AS amount,
    '' AS sender
FROM
(
    SELECT addition AS dispute, least(amount, 0) AS taken, greatest(amount, 0) AS given, toDecimal128(0, 12) AS agreed
    FROM posted
    WHERE trace_id = '' AND kind = 'adjustment'
    UNION ALL
    SELECT dispute, toDecimal128(0, 12), toDecimal128(0, 12), ifNull(settled, 0)
    FROM disputes
)
GROUP BY dispute
HAVING sum(taken) + sum(given) != 0 OR sum(agreed) != sum(given)
