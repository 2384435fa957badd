-- Purpose: One call that is billed through more than one span although response id, token counts and start are the same (R1).
-- Grain: a response
-- Holds: Only calls with a span in a suspect trace are looked at.
SELECT
    'billed twice' AS audit,
    concat('response ', response_id, ' is billed ', toString(count()), ' times') AS detail,
    min(recorded.trace_id) AS trace_id,
    min(recorded.span_id) AS span_id,
    sum(decided.amount) - max(decided.amount) AS amount
FROM
(
    SELECT *
    FROM span_records FINAL
    WHERE usage = 'leaf' AND cost_source != 'none' AND NOT is_fee AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL
        AND response_id GLOBAL IN (SELECT response_id FROM span_records WHERE response_id != '' AND trace_id GLOBAL IN ({suspects}))
        AND trace_id GLOBAL NOT IN (SELECT trace_id FROM pending)
) AS recorded
GLOBAL INNER JOIN (SELECT trace_id, span_id, amount FROM decisions WHERE billable AND unbilled_reason = '') AS decided
    USING (trace_id, span_id)
GROUP BY response_id, input_tokens, output_tokens, start_time
HAVING count() > 1
