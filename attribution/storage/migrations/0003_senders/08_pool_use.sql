-- Purpose: Counts the use of pools as weights, because a team can have a part of an entry.
-- Grain: the whole table
ALTER TABLE pool_use
MODIFY COLUMN entries Decimal(38, 12),
MODIFY COLUMN pool_entries Decimal(38, 12)
