-- Work table: shared_responses
-- Purpose: Calls that several spans record, also spans of several traces: same response id, same known token counts, times that overlap
--          without a gap (R1). The id alone proves nothing.
-- Grain: a span that shares its call with another (trace_id, span_id)
-- Columns:
--     trace_id String: trace of the span
--     span_id String: the span
--     start_ns Int64: its start, ns since the epoch
--     call_group UInt64: number of the call
--     may_be_billed UInt8: no span of the call has a higher rank: a known cost, then what it knows (R4)
WITH
    shared AS
    (
        SELECT
            trace_id,
            one_span.2 AS span_id,
            one_span.1 AS start_ns,
            one_span.4 AS end_ns,
            joinGet({profile_lookup:String}, 'rank', one_span.6) AS rank,
            shared_call
        FROM {trees:Identifier}
        ARRAY JOIN span AS one_span, response_and_counts AS shared_call
        WHERE shared_call IN
            (
                SELECT call
                FROM (SELECT arrayJoin(arrayFilter(c -> c != 0, response_and_counts)) AS call FROM {trees:Identifier})
                GROUP BY call
                HAVING count() > 1
            )
    ),
    gaps AS
    (
        SELECT
            *,
            start_ns > max(end_ns) OVER
            (
                PARTITION BY shared_call ORDER BY start_ns, trace_id, span_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AND row_number() OVER (PARTITION BY shared_call ORDER BY start_ns, trace_id, span_id) > 1 AS after_gap
        FROM shared
    ),
    numbered AS
    (
        SELECT
            *,
            cityHash64(shared_call, sum(after_gap) OVER (PARTITION BY shared_call ORDER BY start_ns, trace_id, span_id)) AS call_group
        FROM gaps
    )
SELECT
    trace_id,
    span_id,
    start_ns,
    call_group,
    rank = max(rank) OVER (PARTITION BY call_group) AS may_be_billed
FROM numbered
WHERE call_group IN (SELECT call_group FROM numbered GROUP BY call_group HAVING count() > 1)
