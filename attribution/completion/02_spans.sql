-- Purpose: Spans by their ids and sender, and what they tell.
-- Grain: a span, at its latest content (trace_id, span_id, sender)
-- Columns: answer: JSON of what the answer tells that the span quotes; quoted: the answer itself, where it is kept or stands in a table.
SELECT
    trace_id, span_id, toString(sender) AS sender, parent_span_id, model, span_session AS session,
    attributes[{answer_facts:String}] AS answer,
    attributes[{step_answer:String}] AS quoted
FROM span_contents
WHERE (trace_id, span_id) IN {ids:Array(Tuple(String, String))}
    AND (trace_id, span_id, toString(span_contents.sender)) IN {spans:Array(Tuple(String, String, String))}
