-- Purpose: What happened to budgets, in the order in which it happened.
-- Grain: an event (id)
SELECT id, at, kind, budget, window_start, key, amount, until, who, reason, trace_id, span_id, detail
FROM
(
    SELECT *
    FROM budget_events
    WHERE (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, kind)) AND {budget:String} IN ('', budget)
    ORDER BY at DESC, id
    LIMIT 1 BY id -- one that was written twice is one
    LIMIT {rows_max:UInt64}
)
ORDER BY at, id
