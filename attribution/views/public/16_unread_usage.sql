-- View: unread_usage
-- Purpose: Numbers that look like usage or cost and that no convention reads: an emitter that nobody knows yet, or one that changed.
-- Grain: a scope and attribute key (scope, attribute)
-- Joins: otel_traces on scope = ScopeName
-- Columns:
--     scope String: instrumentation scope of the spans; '' with attribute '': all that were too many to be named
--     attribute String: key of the attribute, with `#a/b` for a member of JSON and `*` for a number in it
--     spans UInt64: spans that have such a number; a span that is delivered again counts again
--     example String: one of the numbers
--     first_seen DateTime64(9, 'UTC'): start of the first such span
--     last_seen DateTime64(9, 'UTC'): start of the last such span
-- Example: SELECT scope, attribute, spans, example FROM unread_usage ORDER BY last_seen DESC
SELECT
    numbers.scope AS scope,
    numbers.attribute AS attribute,
    sum(numbers.spans) AS spans,
    toString(max(numbers.example)) AS example,
    CAST(min(numbers.first_seen) AS DateTime64(9, 'UTC')) AS first_seen,
    CAST(max(numbers.last_seen) AS DateTime64(9, 'UTC')) AS last_seen
FROM unread_numbers AS numbers
GROUP BY scope, attribute
