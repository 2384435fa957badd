-- Purpose: A call that several records tell and that is billed at more than one of them, or at none (R1, R4).
-- Grain: a call
-- Holds: Only calls with a record in a suspect trace are looked at. At none is no violation while traces are pending.
SELECT
    'billed twice' AS audit,
    concat('the call of ', call_id, ' is billed ', toString(countIf(is_billed)), ' times') AS detail,
    min(record).1 AS trace_id,
    min(record).2 AS span_id,
    sum(amount) - max(amount) AS amount,
    min(record).3 AS sender
FROM
(
    SELECT call_id, (trace_id, span_id, sender) AS record, billable AND unbilled_reason = '' AS is_billed, amount
    FROM decisions
    WHERE is_told_again
        AND call_id IN (SELECT call_id FROM decisions WHERE trace_id IN ({suspects}) AND is_told_again)
        AND trace_id NOT IN (SELECT trace_id FROM pending)
)
GROUP BY call_id
HAVING countIf(is_billed) > 1 OR (countIf(is_billed) = 0 AND (SELECT count() FROM pending) = 0)
