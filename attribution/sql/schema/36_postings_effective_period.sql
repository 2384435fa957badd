-- Purpose: the month in which a posted cost arose, beside the month it is booked in: they differ where the first was closed (R12).
-- Grain:   column.
ALTER TABLE postings
    ADD COLUMN IF NOT EXISTS effective_period LowCardinality(String) DEFAULT period COMMENT 'month of effective_at in the configured zone'
