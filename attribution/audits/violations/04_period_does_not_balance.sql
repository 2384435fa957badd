-- Purpose: A month that does not balance (R13). By the month in which cost arose, what is billed and added must be posted. By the month in
--          which cost is booked, the sum of the ledger must be what teams pay. The two months are the same until a month is closed.
-- Grain: a period
WITH
    decided AS
    (
        SELECT formatDateTime(day, '%Y-%m') AS period, own_cost AS amount
        FROM agent_days
    ),
    ledger_by_months AS
    (
        SELECT
            arrayJoin([
                (effective_period, sumIf(amount, kind NOT IN ('allocation', 'relief')), toDecimal128(0, 12), toDecimal128(0, 12)),
                (period, toDecimal128(0, 12), sum(amount), sumIf(amount, pool = '' OR kind = 'allocation'))
            ]) AS sums
        FROM ledger_days
        GROUP BY effective_period, period
    ),
    cost AS
    (
        SELECT period, amount AS arose, toDecimal128(0, 12) AS posted, toDecimal128(0, 12) AS booked, toDecimal128(0, 12) AS paid
        FROM decided
        UNION ALL
        SELECT period, amount, 0, 0, 0
        FROM pool_additions
        UNION ALL
        SELECT sums.1, 0, sums.2, sums.3, sums.4
        FROM ledger_by_months
    )
SELECT
    'period does not balance' AS audit,
    concat(
        period, ': billed and added ', toString(sum(arose)), ', posted ', toString(sum(posted)),
        '; ledger ', toString(sum(booked)), ', teams pay ', toString(sum(paid))) AS detail,
    '' AS trace_id,
    '' AS span_id,
    if(sum(arose) != sum(posted), sum(arose) - sum(posted), sum(booked) - sum(paid)) AS amount,
    '' AS sender
FROM cost
WHERE (SELECT count() FROM pending) = 0 AND (SELECT count() FROM pending_pools) = 0
GROUP BY period
HAVING sum(arose) != sum(posted) OR sum(booked) != sum(paid)
