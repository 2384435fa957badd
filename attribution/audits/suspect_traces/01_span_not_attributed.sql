-- Purpose: Traces with more or fewer spans than were attributed.
-- Grain: a trace
-- Holds: {among} says which traces are looked at.
SELECT trace_id
FROM
(
    SELECT trace_id, toInt64(count()) AS spans
    FROM span_records FINAL
    PREWHERE {among}
    GROUP BY trace_id
    UNION ALL
    SELECT trace_id, -toInt64(spans)
    FROM attributions FINAL
    PREWHERE trace_id != '' AND {among}
)
GROUP BY trace_id
HAVING sum(spans) != 0 AND trace_id GLOBAL NOT IN (SELECT trace_id FROM pending WHERE {among})
