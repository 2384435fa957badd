-- Purpose: When the latest trace began that was attributed.
-- Grain: one row
SELECT toDateTime(max(start_time)) AS latest
FROM spanledger.traces
WHERE $__timeFilter(start_time)
