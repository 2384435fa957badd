-- Purpose: Notes how far a table was read.
-- Grain: a table
INSERT INTO source_tables (version, source_table, uuid, read_ns, complete)
VALUES ({version:UInt64}, {source_table:String}, {uuid:String}, {read_ns:Int64}, {complete:Bool})
