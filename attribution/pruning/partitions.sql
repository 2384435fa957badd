-- Purpose: The partitions that hold spans, and how far each goes.
-- Grain: a partition
SELECT _partition_id AS partition, toUnixTimestamp64Nano(min(start_time)) AS first_ns, toUnixTimestamp64Nano(max(start_time)) AS last_ns
FROM span_records
GROUP BY _partition_id
ORDER BY partition
