-- Purpose: The calls that records tell in some sessions or traces, to see whether what is imported was told already.
-- Grain: a record with tokens
-- Columns: session: session that the record names; trace_id: its trace; end_ns: when it ends, ns since the epoch; input, output: tokens;
--          sender, service, scope: who sent it.
SELECT
    span_session AS session,
    trace_id,
    span_id,
    toUnixTimestamp64Nano(start_time) + toInt64(duration_ns) AS end_ns,
    toInt64(ifNull(input_tokens, 0)) AS input,
    toInt64(ifNull(output_tokens, 0)) AS output,
    toString(sender) AS sender,
    toString(span_records.service) AS service,
    toString(scope_name) AS scope
FROM span_records FINAL
PREWHERE trace_id GLOBAL IN
    (
        SELECT trace_id FROM session_traces WHERE session IN (SELECT cityHash64(arrayJoin({sessions:Array(String)})))
        UNION DISTINCT
        SELECT arrayJoin({traces:Array(String)})
    )
WHERE usage != 'none' AND ifNull(input_tokens, 0) + ifNull(output_tokens, 0) > 0
ORDER BY end_ns, trace_id, span_id
