-- Purpose: Marks the spans of a partition that started before a time as let go of. Only this small column is written.
-- Grain: a span
ALTER TABLE span_records
UPDATE pruned = {pruned:String} IN PARTITION ID {partition:String}
WHERE pruned < {pruned:String} AND start_time < fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
SETTINGS mutations_sync = 2
