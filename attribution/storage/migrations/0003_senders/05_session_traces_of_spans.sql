-- Purpose: Lets the feed of sessions see those that an ingest key is tagged with. It is changed in place.
-- Grain: the whole feed
ALTER TABLE session_traces_of_spans MODIFY QUERY
SELECT DISTINCT
    cityHash64(multiIf(
        span_session != '', span_session,
        tags != '' AND JSONExtractString(tags, 'session') != '', JSONExtractString(tags, 'session'),
        resource_session)) AS session,
    trace_id
FROM span_records
WHERE span_session != '' OR resource_session != '' OR tags LIKE '%"session"%'
