-- Purpose: traces of a session whose first span is in a trace of the batch: what they inherit may have changed (R8).
-- Grain:   trace.
INSERT INTO {batch:Identifier}
SELECT DISTINCT
    trace_id,
    [],
    true,
    {round:UInt32}
FROM session_traces
WHERE session IN
    (
        SELECT cityHash64(session)
        FROM {session_starts:Identifier}
        WHERE first_span.trace_id IN (SELECT trace_id FROM {batch:Identifier} WHERE to_attribute)
    )
    AND trace_id NOT IN (SELECT trace_id FROM {batch:Identifier})
