-- Purpose: Lets go of the content of the spans of a partition that started before a time: the end of a month in a zone other than UTC
--          cuts one partition.
-- Grain: a span
ALTER TABLE span_records
UPDATE
    status_message = '', event_times = [], event_names = [], event_attributes = [], link_attributes = [], resource = map(), attributes = map()
IN PARTITION ID {partition:String}
WHERE start_time < fromUnixTimestamp64Nano({until_ns:Int64}, 'UTC')
SETTINGS mutations_sync = 2
