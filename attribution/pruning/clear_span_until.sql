-- Purpose: Lets go of what else nobody needs of the spans of a partition that started before a time.
-- Grain: a span
ALTER TABLE span_records
UPDATE kind = '', status = '', scope_version = ''
IN PARTITION ID {partition:String}
WHERE start_time < fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
SETTINGS mutations_sync = 2
