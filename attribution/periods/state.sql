-- Purpose: Whether a month is closed or reopened.
-- Grain: one row; no row for a month that was never closed
SELECT state
FROM closings
WHERE stands AND period = {period:String}
