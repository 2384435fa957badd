-- Purpose: Adds who sent the record that a posting is for; 07 and 11 say it of what is there.
-- Grain: the whole table
ALTER TABLE postings
ADD COLUMN IF NOT EXISTS sender LowCardinality(String) COMMENT 'who sent the record that it is for; empty: there are no keys, or it is for none' AFTER addition
