-- Purpose: Adds what records know to the spans; older ones know of web searches, or nothing. No row is rewritten.
-- Grain: the whole table
ALTER TABLE span_records
ADD COLUMN IF NOT EXISTS knowledge UInt16 DEFAULT if(request_fees IS NULL, 0, 128) AFTER resource_task_type
