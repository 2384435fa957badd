-- Purpose: Attributed spans of some days.
-- Grain: a span
-- Columns: those of `attributed_spans`.
-- Holds: Each list that is not empty holds the values that are allowed in the column of its name.
SELECT *
FROM attributed_spans
WHERE day BETWEEN {first:Date} AND {last:Date}
    AND (empty({trace_id:Array(String)}) OR trace_id IN {trace_id:Array(String)})
    AND (empty({team:Array(String)}) OR team IN {team:Array(String)})
    AND (empty({user:Array(String)}) OR user IN {user:Array(String)})
    AND (empty({task:Array(String)}) OR task IN {task:Array(String)})
    AND (empty({workflow:Array(String)}) OR workflow IN {workflow:Array(String)})
    AND (empty({agent:Array(String)}) OR agent IN {agent:Array(String)})
    AND (empty({model:Array(String)}) OR model IN {model:Array(String)})
ORDER BY start_time, trace_id, span_id
