-- Purpose: When the first and the last span of a table, or of its changes, start.
-- Grain: one row; over the spans from {first_ns} on
SELECT
    count() AS spans,
    toUnixTimestamp64Nano(min(Timestamp)) AS first_ns,
    toUnixTimestamp64Nano(max(Timestamp)) + 1 AS last_ns
FROM {database:Identifier}.{table:Identifier}
WHERE Timestamp >= fromUnixTimestamp64Nano({first_ns:Int64})
