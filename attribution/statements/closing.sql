-- Purpose: The closing that stands of a month, if it is closed.
-- Grain: at most one row
SELECT version, toUnixTimestamp64Nano(at) AS at_ns
FROM closings
WHERE period = {period:String} AND stands AND state = 'closed'
