-- Purpose: Adds the traces that hold the same response id as a trace of the batch, or the session and counts of a call without one, or held
--          them when they were last attributed (R1).
-- Grain: a trace
-- Holds: They are decided together: where a call is billed depends on all of its records. It is run until it adds none.
INSERT INTO {batch:Identifier}
WITH calls AS
(
    SELECT arrayJoin(arrayFilter(response -> response != 0, arrayConcat(span.response_hash, span.event_hash))) AS response
    FROM {spans:Identifier}
    UNION ALL
    SELECT arrayJoin(responses)
    FROM attributions
    WHERE trace_id IN (SELECT trace_id FROM {batch:Identifier})
)
SELECT DISTINCT
    trace_id,
    [],
    true,
    {round:UInt32}
FROM responses
WHERE response IN (SELECT response FROM calls)
    AND trace NOT IN (SELECT cityHash64(trace_id) FROM {batch:Identifier})
