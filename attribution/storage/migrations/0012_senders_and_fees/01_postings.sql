-- Purpose: Adds who sent the record that a posting is for; what was posted before there were senders is of the sender ''.
-- Grain: the whole table
ALTER TABLE postings
ADD COLUMN IF NOT EXISTS sender LowCardinality(String) COMMENT 'who sent the record that it is for; empty: there are no keys, or it is for none' AFTER addition
