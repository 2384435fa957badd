-- Purpose: Traces with a call that is billed at more than one of its records, or not at the one that it should be billed at.
-- Grain: a trace
-- Needs: calls
-- Holds: {among} says which traces are looked at. Only calls that several records tell are.
SELECT min(trace_id) AS trace_id
FROM
(
    SELECT
        trace_id,
        -- Billed, and neither an aggregate nor a duplicate.
        arrayJoin(arrayMap((i, id) -> (id, bitAnd(flags[i], 7) = 1, id = concat(trace_id, ':', span_id[i])), called_at, call_id)) AS told
    FROM attributions FINAL
    PREWHERE trace_id != '' AND {among}
    WHERE notEmpty(called_at) AND trace_id NOT IN (SELECT trace_id FROM pending WHERE {among})
)
GROUP BY told.1
HAVING sum(told.2) > 1 OR sum(told.3 AND NOT told.2) > 0
