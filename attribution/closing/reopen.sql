-- Purpose: Opens a month again.
-- Grain: one row
INSERT INTO period_states (version, period, closed, reason)
SELECT {version:UInt64}, {period:String}, false, {reason:String}
