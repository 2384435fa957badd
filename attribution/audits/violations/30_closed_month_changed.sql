-- Purpose: A closed month whose ledger differs from its statement: in what a team pays, or in the number of rows (R12).
-- Grain: a closed month, team, department and cost center
SELECT
    'closed month changed' AS audit,
    concat(
        period, ': team ', team, ', department ', department, ', cost center ', cost_center, ': ', toString(sum(stated)), ' in ',
        toString(sum(rows_then)), ' postings when it was closed, ', toString(sum(in_ledger)), ' in ', toString(sum(rows_now)), ' now') AS detail,
    '' AS trace_id,
    '' AS span_id,
    sum(in_ledger) - sum(stated) AS amount,
    '' AS sender
FROM
(
    SELECT
        period, team, department, cost_center, direct + allocated AS stated, toDecimal128(0, 12) AS in_ledger,
        direct, allocated, postings AS rows_then, 0 AS rows_now
    FROM statement_lines
    WHERE (period, version) IN (SELECT period, version FROM closings WHERE stands AND state = 'closed')
    UNION ALL
    SELECT
        period, team, department, cost_center, 0, sum(if(pool = '' OR kind = 'allocation', amount, 0)),
        -sumIf(amount, pool = ''), -sumIf(amount, kind = 'allocation'), 0, count()
    FROM posted
    WHERE period IN (SELECT period FROM closings WHERE stands AND state = 'closed')
    GROUP BY period, team, department, cost_center
)
GROUP BY period, team, department, cost_center
HAVING sum(direct) != 0 OR sum(allocated) != 0 OR sum(rows_then) != sum(rows_now)
