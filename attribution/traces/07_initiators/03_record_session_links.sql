-- Purpose: remembers which trace the to_attribute ones continue, to attribute them again when it changes, also where it leaves the session.
-- Grain:   target trace and linking trace.
INSERT INTO links
SELECT DISTINCT
    target_trace_id,
    trace_id
FROM {continued_sessions:Identifier}
WHERE target_trace_id != trace_id AND trace_id IN (SELECT trace_id FROM {initiators:Identifier} WHERE to_attribute)
