-- Purpose: what this pass read is pending no more; what came meanwhile has marks of its own and stays.
-- Grain:   change.
INSERT INTO changes (trace_id, mark, sign)
SELECT trace_id, arrayJoin(marks), -1
FROM {batch:Identifier}
