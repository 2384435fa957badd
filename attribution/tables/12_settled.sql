-- Purpose: what was read is no change any more; what came meanwhile stays.
-- Grain:   inserted span.
DELETE FROM table_changes
WHERE source_table = {source_table:String}
    AND (trace_id, span_id, content, inserted_at) IN (SELECT trace_id, span_id, content, inserted_at FROM {changes:Identifier})
