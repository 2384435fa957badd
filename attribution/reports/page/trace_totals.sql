-- Purpose: How many traces there were, and what one of them costs.
-- Grain: one row
SELECT
    count() AS runs,
    if(runs = 0, NULL, sum(cost) / runs) AS mean_cost,
    if(runs = 0, NULL, max(cost)) AS highest_cost,
    argMax(trace_id, cost) AS dearest
FROM traces
WHERE toDate(start_time) BETWEEN {first:Date} - 1 AND {last:Date} + 1
    AND toDate(start_time, {timezone:String}) BETWEEN {first:Date} AND {last:Date}{among}
