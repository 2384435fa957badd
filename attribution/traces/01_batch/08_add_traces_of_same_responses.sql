-- Purpose: traces that hold, or held when they were last attributed, the same response id as a trace of the batch (R1).
-- Grain:   trace.
-- Columns: to_attribute as given: the first run widens what is attributed, the second adds its context.
INSERT INTO {batch:Identifier}
WITH calls AS
(
    SELECT arrayJoin(arrayFilter(response -> response != 0, span.response_hash)) AS response
    FROM {spans:Identifier}
    UNION ALL
    SELECT arrayJoin(responses)
    FROM attributions
    WHERE trace_id IN (SELECT trace_id FROM {batch:Identifier})
)
SELECT DISTINCT
    trace_id,
    [],
    {to_attribute:Bool},
    {round:UInt32}
FROM responses
WHERE response IN (SELECT response FROM calls)
    AND trace NOT IN (SELECT cityHash64(trace_id) FROM {batch:Identifier})
