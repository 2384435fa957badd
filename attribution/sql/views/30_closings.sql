-- Purpose: which months were closed and reopened, when and why (R12).
-- Grain:   change of a month.
-- Columns: stands: the latest of its month; state: closed or reopened; reason: why it was reopened.
CREATE OR REPLACE VIEW closings AS
SELECT
    period,
    fromUnixTimestamp64Nano(toInt64(version), 'UTC') AS at,
    if(closed, 'closed', 'reopened') AS state,
    reason,
    version,
    toBool(version = max(version) OVER (PARTITION BY period)) AS stands
FROM period_states
