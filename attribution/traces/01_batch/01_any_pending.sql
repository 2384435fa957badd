-- Purpose: Whether any trace is pending.
-- Grain: one row where a trace is pending
SELECT 1
FROM pending
LIMIT 1
-- The changes are stored in this order, so ClickHouse can stop at the first one that is pending.
SETTINGS optimize_aggregation_in_order = 1
