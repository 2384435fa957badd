-- Purpose: The next calls of the given traces that leave something to the spans above.
-- Grain: a span, at its latest content; in the order of their keys after {after}, rows_max of them
-- Columns: parent_span_id: the span above; told_above: what the spans above told when they were looked at last; rule: which of {scopes} it is.
-- Holds: Only traces that changed are given: what a span above tells changes with its trace. Whoever leaves its model to the spans
--        above is looked at while it has none of its own.
SELECT
    trace_id, span_id, sender, parent_span_id, told_above,
    arrayFirstIndex((s, n) -> startsWith(scope_name, s) AND n IN ('', name), {scopes:Array(String)}, {names:Array(String)}) AS rule
FROM span_records FINAL
PREWHERE trace_id GLOBAL IN (SELECT trace_id FROM {traces:Identifier})
    AND arrayExists((s, n) -> startsWith(scope_name, s) AND n IN ('', name), {scopes:Array(String)}, {names:Array(String)})
WHERE usage != 'none'
    AND (model = '' OR told_above != '' OR NOT {leave_model:Array(Bool)}[rule])
    AND (trace_id, span_id, toString(sender)) > {after:Tuple(String, String, String)}
ORDER BY trace_id, span_id, sender
LIMIT {rows_max:UInt64}
