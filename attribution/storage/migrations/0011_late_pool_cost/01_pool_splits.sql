-- Purpose: Late cost of a pool is split by the month in which it arose (R10), beside the cost of the month it is booked in.
-- Grain: a table
ALTER TABLE pool_splits
    ADD COLUMN IF NOT EXISTS late_from LowCardinality(String) COMMENT 'month in which late cost arose; empty: cost of the period itself',
    MODIFY ORDER BY (period, pool, late_from)
