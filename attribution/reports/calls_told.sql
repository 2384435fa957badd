-- Purpose: The calls that records tell in some sessions or traces, to see whether what is imported was told already.
-- Grain: a record with tokens, sessions and traces of other origin than the import
-- Columns: session: session that the record names; trace_id: its trace; end_ns: when it ends, ns since the epoch; input, output: tokens;
--          signal: span, log; sender: who sent it.
SELECT
    span_session AS session,
    trace_id,
    span_id,
    toUnixTimestamp64Nano(start_time) + toInt64(duration_ns) AS end_ns,
    toInt64(ifNull(input_tokens, 0)) AS input,
    toInt64(ifNull(output_tokens, 0)) AS output,
    toString(signal) AS signal,
    toString(sender) AS sender
FROM span_records FINAL
WHERE start_time BETWEEN fromUnixTimestamp64Nano({first_ns:Int64}) - INTERVAL 1 DAY AND fromUnixTimestamp64Nano({last_ns:Int64}) + INTERVAL 1 DAY
    AND (span_session IN {sessions:Array(String)} OR trace_id IN {traces:Array(String)})
    AND trace_id NOT IN {imported:Array(String)}
    AND usage != 'none' AND ifNull(input_tokens, 0) + ifNull(output_tokens, 0) > 0
ORDER BY end_ns, trace_id, span_id
