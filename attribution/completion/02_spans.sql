-- Purpose: Spans by their ids and sender, and what they tell.
-- Grain: a span, at its latest content (trace_id, span_id, sender)
-- Columns: answer: JSON of what the answer tells that the span quotes.
SELECT trace_id, span_id, sender, parent_span_id, model, span_session AS session, attributes[{answer_facts:String}] AS answer
FROM span_records FINAL
PREWHERE (trace_id, span_id) IN {ids:Array(Tuple(String, String))}
WHERE (trace_id, span_id, toString(sender)) IN {spans:Array(Tuple(String, String, String))}
