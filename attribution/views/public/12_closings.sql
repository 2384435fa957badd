-- View: closings
-- Purpose: Which months were closed and reopened, when and why (R12).
-- Grain: a change of a month (period, version)
-- Joins: statements on period
-- Columns:
--     period LowCardinality(String): the month
--     at DateTime64(9, 'UTC'): when it was closed or reopened
--     state String: closed or reopened
--     reason String: why it was reopened
--     version UInt64: number of the change, ns since the epoch
--     stands Bool: the latest change of its month
-- Example: SELECT period, state, at FROM closings WHERE stands
SELECT
    period,
    fromUnixTimestamp64Nano(toInt64(version), 'UTC') AS at,
    if(closed, 'closed', 'reopened') AS state,
    reason,
    version,
    toBool(version = max(version) OVER (PARTITION BY period)) AS stands
FROM period_states
