-- Purpose: The trace up to which the next pass goes. Changes are read in the order of trace ids, so that every pass makes progress.
-- Grain: one row; '' where there are no more changes
SELECT max(trace_id) AS reach
FROM
(
    SELECT trace_id
    FROM changes
    WHERE trace_id > {after:String}
    ORDER BY trace_id, mark
    LIMIT {changes_max:UInt64}
)
