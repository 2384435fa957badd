-- Purpose: records that the schema has come to a version.
-- Grain:   one row.
INSERT INTO schema_versions (version, made_by)
SELECT {version:UInt32}, {made_by:String}
