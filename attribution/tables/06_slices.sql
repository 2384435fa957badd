-- Purpose: How many spans, or changes, start in each slice of a stretch of time. With it a table is read in batches that fit in memory.
-- Grain: a slice of {slice_ns}, counted from {first_ns}; empty slices are left out
SELECT
    intDiv(toUnixTimestamp64Nano(Timestamp) - {first_ns:Int64}, {slice_ns:Int64}) AS slice,
    count() AS spans
FROM {database:Identifier}.{table:Identifier}
WHERE Timestamp >= fromUnixTimestamp64Nano({first_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({last_ns:Int64})
GROUP BY slice
ORDER BY slice
