-- Purpose: Adds what records know to the profiles; older ones know of web searches, or nothing.
-- Grain: the whole table
ALTER TABLE profiles
ADD COLUMN IF NOT EXISTS knowledge UInt16 DEFAULT if(has_request_fees, 128, 0) AFTER has_request_fees
