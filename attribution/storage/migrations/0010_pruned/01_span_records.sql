-- Purpose: Adds what was let go of a span. No row is rewritten.
-- Grain: the whole table
ALTER TABLE span_records
ADD COLUMN IF NOT EXISTS pruned Enum8('no' = 0, 'content' = 1, 'span' = 2) AFTER told_above
