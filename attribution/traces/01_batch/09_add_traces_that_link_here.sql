-- Purpose: Adds the traces that link to a trace of the batch, because what they inherit may have changed (R8). It is run until it adds
--          none.
-- Grain: a trace
INSERT INTO {batch:Identifier}
SELECT DISTINCT
    trace_id,
    [],
    true,
    {round:UInt32}
FROM links
WHERE target_trace_id IN (SELECT trace_id FROM {batch:Identifier} WHERE to_attribute)
    AND trace_id NOT IN (SELECT trace_id FROM {batch:Identifier})
