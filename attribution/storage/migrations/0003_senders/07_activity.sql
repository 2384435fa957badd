-- Purpose: Counts entries as weights, because a team can have a part of one.
-- Grain: the whole table
ALTER TABLE activity
ADD COLUMN IF NOT EXISTS uses Decimal(38, 12) DEFAULT entries AFTER traces,
MODIFY COLUMN pool_entries Decimal(38, 12)
