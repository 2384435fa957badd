-- Purpose: Every closing and reopening of a month, the latest first.
-- Grain: a change of a month
SELECT period, at, state, reason
FROM closings
ORDER BY at DESC, period
