-- Purpose: Fills `links` from inserted spans.
-- Grain: a target trace, linking trace and inserted block
CREATE MATERIALIZED VIEW IF NOT EXISTS links_of_spans TO links AS
SELECT DISTINCT
    arrayJoin(link_trace_ids) AS target_trace_id,
    trace_id
FROM span_records
WHERE notEmpty(link_trace_ids)
