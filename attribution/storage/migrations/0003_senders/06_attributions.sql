-- Purpose: Adds to the decisions how each initiator was found, whose spans name it, whose cost is split, and who sent the spans. Older
--          decisions do not say.
-- Grain: the whole table
ALTER TABLE attributions
ADD COLUMN IF NOT EXISTS initiator_source Array(LowCardinality(String)) AFTER workflow,
ADD COLUMN IF NOT EXISTS initiator_sender Array(LowCardinality(String)) AFTER initiator_source,
ADD COLUMN IF NOT EXISTS split Array(Tuple(at UInt32, initiator UInt32, links UInt32)) AFTER initiator_sender,
ADD COLUMN IF NOT EXISTS senders Array(LowCardinality(String)) AFTER split,
ADD COLUMN IF NOT EXISTS sender Array(UInt32) AFTER senders
