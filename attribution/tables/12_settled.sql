-- Purpose: Deletes the changes that were read. A change that came later stays.
-- Grain: an inserted span
DELETE FROM table_changes
WHERE source_table = {source_table:String}
    AND (trace_id, span_id, content, inserted_at) IN (SELECT trace_id, span_id, content, inserted_at FROM {changes:Identifier})
