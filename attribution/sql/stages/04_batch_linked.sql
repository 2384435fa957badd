-- Purpose: traces that the batch links to, read as context for what is inherited over links (R8). Run until it adds none.
-- Grain:   trace.
INSERT INTO {batch:Identifier}
SELECT DISTINCT
    trace_id,
    [],
    false
FROM span_records
WHERE trace_id IN
    (
        SELECT arrayJoin(link_trace_ids)
        FROM span_records
        WHERE notEmpty(link_trace_ids) AND trace_id IN (SELECT trace_id FROM {batch:Identifier})
    )
    AND trace_id NOT IN (SELECT trace_id FROM {batch:Identifier})
