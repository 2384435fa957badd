-- Purpose: Lets go of the content of all spans of a partition: the files of these columns are dropped, and no row is read.
-- Grain: a partition
ALTER TABLE span_records
CLEAR COLUMN status_message IN PARTITION ID {partition:String},
CLEAR COLUMN event_times IN PARTITION ID {partition:String},
CLEAR COLUMN event_names IN PARTITION ID {partition:String},
CLEAR COLUMN event_attributes IN PARTITION ID {partition:String},
CLEAR COLUMN link_attributes IN PARTITION ID {partition:String},
CLEAR COLUMN resource IN PARTITION ID {partition:String},
CLEAR COLUMN attributes IN PARTITION ID {partition:String}
SETTINGS mutations_sync = 2
