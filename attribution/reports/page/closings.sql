-- Purpose: The latest closings and reopenings of months.
-- Grain: a change of a month
SELECT period, at, state, reason
FROM closings
ORDER BY at DESC, period
LIMIT {rows_max:UInt32}
