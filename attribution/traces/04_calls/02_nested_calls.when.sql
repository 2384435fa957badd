-- Purpose: Whether two spans of one trace may record the same call.
-- Grain: one row where they may
SELECT 1
FROM {trees:Identifier}
WHERE notEmpty(jumps)
    AND (
        arrayCount(fee -> fee != 0, tool) > 1
        OR has(arrayEnumerateUniq(arrayFilter((id, f) -> id != 0 AND bitTest(f, 2), span.response_hash, flags)), 2)
        OR has(arrayEnumerateUniq(arrayFilter(w -> w != 0, model_and_counts)), 2)
        OR trace_id IN (SELECT trace_id FROM {shared_responses:Identifier}))
LIMIT 1
