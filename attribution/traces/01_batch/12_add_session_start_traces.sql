-- Purpose: Adds the traces with the first span of a session, as context: the other traces of the session inherit from them (R8).
-- Grain: a trace
INSERT INTO {batch:Identifier}
SELECT DISTINCT
    first_span.trace_id,
    [],
    false,
    {round:UInt32}
FROM {session_starts:Identifier}
WHERE first_span.trace_id NOT IN (SELECT trace_id FROM {batch:Identifier})
