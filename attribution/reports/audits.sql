-- Purpose: What the audits find wrong (R13).
-- Grain: a violation
SELECT audit, detail, sender, trace_id, span_id, amount
FROM audits
ORDER BY audit, sender, trace_id, span_id, detail
LIMIT {rows_max:UInt64}
