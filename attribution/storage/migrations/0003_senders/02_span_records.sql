-- Purpose: Adds to the spans who sent them, as which signal, and what the ingest key is tagged with: of older ones nobody knows. Spans of
--          several senders with the same ids are several spans from now on. No row is rewritten.
-- Grain: the whole table
ALTER TABLE span_records
ADD COLUMN IF NOT EXISTS sender LowCardinality(String) AFTER knowledge,
ADD COLUMN IF NOT EXISTS signal LowCardinality(String) DEFAULT 'span' AFTER sender,
ADD COLUMN IF NOT EXISTS tags LowCardinality(String) AFTER signal,
MODIFY ORDER BY (trace_id, span_id, sender)
