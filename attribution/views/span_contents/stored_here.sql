-- Purpose: spans whose attributes are stored here.
-- Grain:   span, resends counted once, the latest content (R1). {here} is put in: that no table holds them.
-- Columns: those of `span_records`; has_contents: whether its attributes can be read.
SELECT *, is_fee, priced_by, source_table = '' AS has_contents
FROM span_records FINAL
WHERE {here}
