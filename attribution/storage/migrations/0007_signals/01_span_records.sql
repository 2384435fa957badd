-- Purpose: Adds what the spans above tell of a call. No row is rewritten.
-- Grain: the whole table
ALTER TABLE span_records
ADD COLUMN IF NOT EXISTS told_above String AFTER tags
