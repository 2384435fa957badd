-- Purpose: Whether a pass is committed. It is not where another worker abandoned it before.
-- Grain: one row
SELECT countIf(NOT abandoned) > 0 AS committed
FROM attributions
WHERE trace_id = '' AND version = {pass:UInt64}
