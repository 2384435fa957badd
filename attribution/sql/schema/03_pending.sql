-- Purpose: changes of traces that are not settled.
-- Grain:   change.
CREATE VIEW IF NOT EXISTS pending AS
SELECT trace_id, mark, max(spans) AS new_spans
FROM changes
GROUP BY trace_id, mark
HAVING sum(sign) > 0
