-- Purpose: a pool's day whose allocations, or whose relief, do not match its cost (R10, R13).
-- Grain:   pool and day.
SELECT
    'pooled is not allocated' AS audit,
    concat(
        'pool ', pool, ' on ', toString(day), ': pooled ', toString(sumIf(postings.amount, trace_id != '')),
        ', allocated ', toString(sumIf(postings.amount, kind = 'allocation'))) AS detail,
    '' AS trace_id,
    '' AS span_id,
    sumIf(postings.amount, postings.trace_id != '') - sumIf(postings.amount, kind = 'allocation') AS amount
FROM postings FINAL
WHERE pool != ''
GROUP BY pool, day
HAVING sumIf(postings.amount, postings.trace_id != '') != sumIf(postings.amount, kind = 'allocation')
    OR sumIf(postings.amount, postings.trace_id != '') != -sumIf(postings.amount, kind = 'relief')
