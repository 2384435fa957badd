-- Purpose: whether any trace is pending.
-- Grain:   one row where one is.
SELECT 1
FROM pending
LIMIT 1
-- The changes are in this order, so nothing is gathered: the first that is pending answers.
SETTINGS optimize_aggregation_in_order = 1
