-- Purpose: how far a pass reaches: up to which trace the next changes go, in the order of their ids so that every pass makes way.
-- Grain:   one row; '' where there are no more.
SELECT max(trace_id) AS reach
FROM
(
    SELECT trace_id
    FROM changes
    WHERE trace_id > {after:String}
    ORDER BY trace_id, mark
    LIMIT {changes_max:UInt64}
)
