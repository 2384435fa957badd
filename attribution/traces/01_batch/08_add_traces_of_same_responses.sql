-- Purpose: Adds the traces that hold the same response id as a trace of the batch, or the session and counts of a call without one, or held
--          them when they were last attributed (R1).
-- Grain: a trace
-- Holds: They are decided together: where a call is billed depends on all of its records. It is run until it adds none. Two records that are
--        not near, or that one emitter told with their tokens in two traces, are two calls whatever else is there: some servers repeat
--        their ids, and all that they ever answered would be decided again and again.
INSERT INTO {batch:Identifier}
WITH
    calls AS
    (
        SELECT arrayJoin(arrayFilter(response -> response != 0, arrayConcat(span.response_hash, span.event_hash))) AS response
        FROM {spans:Identifier}
        UNION ALL
        SELECT arrayJoin(responses)
        FROM attributions
        WHERE trace_id IN (SELECT trace_id FROM {batch:Identifier})
    ),
    -- Almost no id is in another trace too. Only of these more is read.
    shared AS
    (
        SELECT response
        FROM responses
        WHERE response IN (SELECT response FROM calls)
            AND trace NOT IN (SELECT cityHash64(trace_id) FROM {batch:Identifier})
    )
SELECT DISTINCT
    arrayJoin(arrayFilter(
        other -> arrayExists(
            one -> (one.1 = 0 OR other.1 = 0 OR one.1 != other.1) AND one.2 <= other.3 AND other.2 <= one.3,
            own),
        arrayFilter(other -> other.1 = 0 OR arrayDistinct(own.1) != [other.1], others)).4) AS trace_id,
    [],
    true,
    {round:UInt32}
FROM
(
    SELECT
        groupUniqArrayIf((emitter, at_first, at_last), is_own) AS own,
        groupArrayIf((emitter, at_first, at_last, trace_id), NOT is_own) AS others
    FROM
    (
        -- Clocks of two services differ by up to 2 s.
        SELECT
            response, trace_id, emitter,
            trace IN (SELECT cityHash64(trace_id) FROM {batch:Identifier}) AS is_own,
            toInt64(begins) AS at_first,
            if(begins = 0 OR lasts = 65535, 9223372036854775807, toInt64(begins) + lasts + 2) AS at_last
        FROM responses
        WHERE response IN (SELECT response FROM shared)
    )
    GROUP BY response
)
