-- Purpose: Adds whether a charge is for what an aggregate tells beyond the calls below it; none was before.
-- Grain: the whole table
ALTER TABLE first_postings
ADD COLUMN IF NOT EXISTS is_unobserved Array(Bool) AFTER repricing
