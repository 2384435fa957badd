-- Work table: session_starts
-- Purpose: The first span of each session that the traces of one round name: the other traces of the session continue it (R8). Empty unless
--          the configuration says `sessions.inherit`.
-- Grain: a session (session)
-- Columns:
--     session String: the session
--     first_span Tuple(start_time DateTime64(9, 'UTC'), trace_id String, span_id String): its first span by (start_time, trace_id, span_id)
-- Holds: A session that an earlier round named is not read again.
WITH named AS
(
    SELECT session
    FROM
    (
        SELECT arrayJoin(span_dimensions.session) AS session
        FROM {spans:Identifier}
        WHERE round = {round:UInt32}
        UNION DISTINCT
        SELECT toString(resource_session)
        FROM profiles
        WHERE profile IN (SELECT arrayJoin(span.profile) FROM {spans:Identifier} WHERE round = {round:UInt32})
    )
    WHERE session != '' AND session NOT IN (SELECT session FROM {session_starts:Identifier})
)
SELECT
    named_session AS session,
    min((start_time, trace_id, span_id))
FROM
(
    SELECT
        if(span_session != '', span_session, resource_session) AS named_session,
        start_time,
        trace_id,
        span_id
    FROM span_records FINAL
    PREWHERE trace_id GLOBAL IN (SELECT trace_id FROM session_traces WHERE session IN (SELECT cityHash64(session) FROM named))
)
WHERE named_session GLOBAL IN (SELECT session FROM named)
GROUP BY named_session
