-- Purpose: Calls that no price is known for. What they cost is in no total.
-- Grain: one row
SELECT sum(unpriced_spans) AS calls
FROM spanledger.traces
WHERE $__timeFilter(start_time)
