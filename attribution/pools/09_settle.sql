-- Purpose: what was read as moved is pending no more; what came meanwhile has marks of its own and stays.
-- Grain:   change.
INSERT INTO pool_changes (period, pool, mark, sign)
SELECT period, pool, arrayJoin(marks), -1
FROM {changed_pools:Identifier}
