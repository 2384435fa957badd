-- Purpose: traces that link to a trace of the batch: what they inherit may have changed (R8). Run until it adds none.
-- Grain:   trace.
INSERT INTO {batch:Identifier}
SELECT DISTINCT
    trace_id,
    [],
    true,
    {round:UInt32}
FROM links
WHERE target_trace_id IN (SELECT trace_id FROM {batch:Identifier} WHERE to_attribute)
    AND trace_id NOT IN (SELECT trace_id FROM {batch:Identifier})
