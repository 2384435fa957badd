-- Purpose: traces that hold, or held when they were last attributed, the same response id as a trace of the batch (R1).
-- Grain:   trace.
-- Columns: dirty as given: the first run widens what is attributed, the second adds its context.
INSERT INTO {batch:Identifier}
WITH calls AS
(
    SELECT response_id
    FROM span_records
    WHERE response_id != '' AND trace_id IN (SELECT trace_id FROM {batch:Identifier})
    UNION DISTINCT
    SELECT arrayJoin(response_ids)
    FROM attributions
    WHERE trace_id IN (SELECT trace_id FROM {batch:Identifier})
)
SELECT DISTINCT
    trace_id,
    [],
    {dirty:Bool}
FROM responses
WHERE response_id IN (SELECT response_id FROM calls)
    AND trace_id NOT IN (SELECT trace_id FROM {batch:Identifier})
