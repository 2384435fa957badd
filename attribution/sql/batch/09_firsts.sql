-- Purpose: the first span of each session that the traces of one round name: the other traces of the session continue it (R8).
-- Grain:   session that no earlier round named.
INSERT INTO {firsts:Identifier}
WITH named AS
(
    SELECT session
    FROM
    (
        SELECT arrayJoin(tags.session) AS session
        FROM {told:Identifier}
        WHERE round = {round:UInt32}
        UNION DISTINCT
        SELECT toString(resource_session)
        FROM profiles
        WHERE profile IN (SELECT arrayJoin(s.profile) FROM {told:Identifier} WHERE round = {round:UInt32})
    )
    WHERE session != '' AND session NOT IN (SELECT session FROM {firsts:Identifier})
)
SELECT
    named_session,
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
