-- Purpose: Adds who sent the record that a posting is for; 07 and 11 say it of what is there.
-- Grain: the whole table
ALTER TABLE first_postings
ADD COLUMN IF NOT EXISTS senders Array(LowCardinality(String)) COMMENT 'the distinct senders of the trace; none: there are no keys' AFTER workflow,
ADD COLUMN IF NOT EXISTS sender Array(UInt32) COMMENT 'who sent the span of each posting, as an index into the senders; none: they are all of the first one' AFTER senders
