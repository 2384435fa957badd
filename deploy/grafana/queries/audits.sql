-- Purpose: What the audits find wrong: no rows while all the money adds up.
-- Grain: a violation
SELECT audit, detail, trace_id, amount AS usd
FROM spanledger.audits
ORDER BY audit, trace_id
LIMIT 100
