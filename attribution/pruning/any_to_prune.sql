-- Purpose: Whether a partition holds spans before a time that still have what is to be let go of.
-- Grain: one row where it does
SELECT 1
FROM span_records
WHERE _partition_id = {partition:String}
    AND start_time < fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
    AND (pruned < {pruned:String} OR notEmpty(attributes) OR notEmpty(resource) OR notEmpty(event_names) OR notEmpty(link_attributes))
LIMIT 1
