-- Purpose: A day of a pool whose allocations, or whose relief, do not match its cost (R10, R13).
-- Grain: a pool and day
SELECT
    'pooled is not allocated' AS audit,
    concat('pool ', pool, ' on ', toString(day), ': pooled ', toString(pooled), ', allocated ', toString(allocated)) AS detail,
    '' AS trace_id,
    '' AS span_id,
    pooled - allocated AS amount,
    '' AS sender
FROM
(
    SELECT
        pool,
        day,
        sumIf(amount, kind NOT IN ('allocation', 'relief')) AS pooled,
        sumIf(amount, kind = 'allocation') AS allocated,
        -sumIf(amount, kind = 'relief') AS relieved
    FROM ledger_days
    WHERE pool != '' AND (period, pool) NOT IN (SELECT period, pool FROM pending_pools)
    GROUP BY pool, day
)
WHERE pooled != allocated OR pooled != relieved
