-- Purpose: Settles the changes of pools that were read. A change that came later has a mark of its own and stays pending.
-- Grain: a change
INSERT INTO pool_changes (period, pool, mark, sign)
SELECT period, pool, arrayJoin(marks), -1
FROM {changed_pools:Identifier}
