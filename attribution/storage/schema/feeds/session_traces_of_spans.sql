-- Purpose: Fills `session_traces` from inserted spans.
-- Grain: a session, trace and inserted block
CREATE MATERIALIZED VIEW IF NOT EXISTS session_traces_of_spans TO session_traces AS
SELECT DISTINCT
    cityHash64(multiIf(
        span_session != '', span_session,
        tags != '' AND JSONExtractString(tags, 'session') != '', JSONExtractString(tags, 'session'),
        resource_session)) AS session,
    trace_id
FROM span_records
WHERE span_session != '' OR resource_session != '' OR tags LIKE '%"session"%'
