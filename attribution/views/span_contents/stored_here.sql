-- Purpose: Spans whose attributes are stored here.
-- Grain: a span, resends counted once, the latest content (R1)
-- Columns: those of `span_records`; has_contents: whether its attributes can be read.
-- Holds: {here} is replaced by the condition that no table holds them.
SELECT *, is_fee, priced_by, source_table = '' AND pruned = 'no' AS has_contents
FROM span_records FINAL
WHERE {here}
