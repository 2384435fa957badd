-- Purpose: The next calls of pending traces that leave their model to the spans above.
-- Grain: a span, at its latest content; in the order of their keys after {after}, rows_max of them
-- Columns: parent_span_id: the span above; told_above: what the spans above told when they were looked at last.
-- Holds: Only traces that changed are looked at: what a span above tells changes with its trace.
SELECT trace_id, span_id, sender, parent_span_id, told_above
FROM span_records FINAL
PREWHERE trace_id GLOBAL IN (SELECT trace_id FROM pending)
    AND name IN {names:Array(String)}
WHERE arrayExists((n, s) -> name = n AND startsWith(scope_name, s), {names:Array(String)}, {scopes:Array(String)})
    AND usage != 'none'
    AND (model = '' OR told_above != '')
    AND (trace_id, span_id, toString(sender)) > {after:Tuple(String, String, String)}
ORDER BY trace_id, span_id, sender
LIMIT {rows_max:UInt64}
