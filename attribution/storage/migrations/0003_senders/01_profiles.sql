-- Purpose: Adds to the profiles who sent their spans, as which signal, in which scope, and what the ingest key is tagged with. Older profiles
--          do not know.
-- Grain: the whole table
ALTER TABLE profiles
ADD COLUMN IF NOT EXISTS sender String AFTER resource_workflow,
ADD COLUMN IF NOT EXISTS signal String DEFAULT 'span' AFTER sender,
ADD COLUMN IF NOT EXISTS scope String AFTER signal,
ADD COLUMN IF NOT EXISTS tags String AFTER scope
