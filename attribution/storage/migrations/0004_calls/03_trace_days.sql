-- Purpose: Adds what totals tell beyond all that is billed, and how many traces a trace stands for.
-- Grain: the whole table
ALTER TABLE trace_days
ADD COLUMN IF NOT EXISTS unobserved Decimal(38, 12) AFTER cycles,
ADD COLUMN IF NOT EXISTS sampled_factor Decimal(38, 12) DEFAULT 1 AFTER unobserved
