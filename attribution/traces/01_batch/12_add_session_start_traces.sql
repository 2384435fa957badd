-- Purpose: traces with the first span of a session, read as context for what the others inherit (R8).
-- Grain:   trace.
INSERT INTO {batch:Identifier}
SELECT DISTINCT
    first_span.trace_id,
    [],
    false,
    {round:UInt32}
FROM {session_starts:Identifier}
WHERE first_span.trace_id NOT IN (SELECT trace_id FROM {batch:Identifier})
