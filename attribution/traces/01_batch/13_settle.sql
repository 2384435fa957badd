-- Purpose: Settles the changes that this pass read. A change that came later has a mark of its own and stays pending.
-- Grain: a change
INSERT INTO changes (trace_id, mark, sign)
SELECT trace_id, arrayJoin(marks), -1
FROM {batch:Identifier}
