-- Purpose: Adds the traces that the batch links to, as context: the batch inherits from them over links (R8). It is run until it adds none.
-- Grain: a trace
INSERT INTO {batch:Identifier}
SELECT DISTINCT
    trace_id,
    [],
    false,
    {round:UInt32}
FROM span_records
WHERE trace_id IN (SELECT arrayJoin(arrayFlatten(links.trace_ids)) FROM {spans:Identifier} WHERE notEmpty(links))
    AND trace_id NOT IN (SELECT trace_id FROM {batch:Identifier})
