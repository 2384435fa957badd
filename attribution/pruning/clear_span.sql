-- Purpose: Lets go of what else nobody needs of the spans of a partition once they are not shown any more.
-- Grain: a partition
ALTER TABLE span_records
CLEAR COLUMN kind IN PARTITION ID {partition:String},
CLEAR COLUMN status IN PARTITION ID {partition:String},
CLEAR COLUMN scope_version IN PARTITION ID {partition:String}
SETTINGS mutations_sync = 2
