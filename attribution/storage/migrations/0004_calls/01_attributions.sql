-- Purpose: Adds which calls several records tell, and what the cost of a trace lacks; traces that were attributed before lack nothing yet.
-- Grain: the whole table
ALTER TABLE attributions
ADD COLUMN IF NOT EXISTS called_at Array(UInt32) AFTER unobserved,
ADD COLUMN IF NOT EXISTS call_id Array(String) AFTER called_at,
ADD COLUMN IF NOT EXISTS sampled_factor Decimal(38, 12) DEFAULT 1 AFTER call_id,
ADD COLUMN IF NOT EXISTS missing Array(Tuple(day Date, initiator UInt32, reason Enum8('unpriced' = 1, 'unobserved' = 2, 'sampled' = 3), count Int64, tokens Int64, usd Decimal(38, 12))) AFTER sampled_factor
