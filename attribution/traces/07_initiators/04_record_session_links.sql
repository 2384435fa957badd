-- Purpose: Records the trace that each attributed trace continues, so that the latter is attributed again when the former changes, also
--          when the former leaves the session.
-- Grain: a target trace and linking trace
-- Needs: continued_sessions
INSERT INTO links
SELECT DISTINCT
    arrayJoin(continued.trace_id) AS target_trace_id,
    trace_id
FROM {continued_sessions:Identifier}
WHERE target_trace_id != trace_id AND trace_id IN (SELECT trace_id FROM {initiators:Identifier} WHERE to_attribute)
