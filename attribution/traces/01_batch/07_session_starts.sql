-- Work table: session_starts
-- Purpose: The first span of each session that the traces of one round name, of each sender and service: later traces of the session
--          continue it (R8). Empty unless the configuration says `sessions.inherit`.
-- Grain: a session, sender and service (session, sender, service)
-- Columns:
--     session String: the session
--     sender String: who sent the span
--     service UInt64: hash of its service, 0: none
--     first_span Tuple(start_time DateTime64(9, 'UTC'), trace_id String, span_id String): the first one by (start_time, trace_id, span_id)
-- Holds: A session that an earlier round named is not read again.
WITH
    (tags_of) -> if(tags_of = '', '', JSONExtractString(tags_of, 'session')) AS tagged_session,
    (tags_of, of_resource) -> if(tagged_session(tags_of) != '', tagged_session(tags_of), toString(of_resource)) AS of_sender,
    named AS
    (
        SELECT session
        FROM
        (
            SELECT arrayJoin(span_dimensions.session) AS session
            FROM {spans:Identifier}
            WHERE round = {round:UInt32}
            UNION DISTINCT
            SELECT of_sender(tags, resource_session)
            FROM profiles
            WHERE profile IN (SELECT arrayJoin(span.profile) FROM {spans:Identifier} WHERE round = {round:UInt32})
        )
        WHERE session != '' AND session NOT IN (SELECT session FROM {session_starts:Identifier})
    )
SELECT
    named_session AS session,
    sent_by AS sender,
    service_hash AS service,
    min((start_time, trace_id, span_id))
FROM
(
    SELECT
        if(span_session != '', span_session, of_sender(toString(tags), resource_session)) AS named_session,
        toString(sender) AS sent_by,
        if(service = '', 0, cityHash64(service)) AS service_hash,
        start_time,
        trace_id,
        span_id
    FROM span_records FINAL
    PREWHERE trace_id GLOBAL IN (SELECT trace_id FROM session_traces WHERE session IN (SELECT cityHash64(session) FROM named))
)
WHERE named_session GLOBAL IN (SELECT session FROM named)
GROUP BY named_session, sent_by, service_hash
