-- Purpose: how a month stands.
-- Grain:   one row, none for a month that was never closed.
SELECT state
FROM closings
WHERE stands AND period = {period:String}
