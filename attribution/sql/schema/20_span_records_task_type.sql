-- Purpose: what kind of task a span is part of, as the span and its resource name it.
-- Grain:   column.
-- Holds:   empty where nobody names it, and for spans that were stored before it was read; an ingest key never sets it.
ALTER TABLE span_records
    ADD COLUMN IF NOT EXISTS span_task_type LowCardinality(String) COMMENT 'task.type and its like, on the span',
    ADD COLUMN IF NOT EXISTS resource_task_type LowCardinality(String) COMMENT 'the same on the resource'
