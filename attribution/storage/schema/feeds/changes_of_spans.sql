-- Purpose: Marks the traces of all inserted spans, whoever inserts them.
-- Grain: a trace and inserted block
CREATE MATERIALIZED VIEW IF NOT EXISTS changes_of_spans TO changes AS
SELECT
    trace_id,
    any(rand64()) AS mark,
    count() AS spans
FROM span_records
GROUP BY trace_id
