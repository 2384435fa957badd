-- View: prunings
-- Purpose: Which closed months had their spans, or the content of their spans, let go of, and since when.
-- Grain: a month and what was let go of (period, pruned)
-- Joins: closings and statements on period
-- Columns:
--     period LowCardinality(String): the month
--     pruned LowCardinality(String): content, or span: all but the figures
--     at DateTime64(9, 'UTC'): when it was let go of first; what comes late stays until the month is pruned again
-- Example: SELECT period, pruned, at FROM prunings ORDER BY period
SELECT period, CAST(pruned_months.pruned, 'LowCardinality(String)') AS pruned, min(pruned_months.at) AS at
FROM pruned_months
GROUP BY period, pruned
