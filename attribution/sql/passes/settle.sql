-- Purpose: what this pass read is pending no more; what came meanwhile has marks of its own and stays.
-- Grain:   change.
DELETE FROM pending
WHERE (trace_id, mark) IN (SELECT trace_id, arrayJoin(marks) FROM {batch:Identifier})
