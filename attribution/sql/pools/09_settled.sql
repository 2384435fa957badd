-- Purpose: what was read as moved is pending no more; what came meanwhile has marks of its own and stays.
-- Grain:   change.
DELETE FROM pending_pools
WHERE (period, pool, mark) IN (SELECT period, pool, arrayJoin(marks) FROM {moved:Identifier})
