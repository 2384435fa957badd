-- Purpose: Records a version that the schema has reached.
-- Grain: one row
INSERT INTO schema_versions (version, made_by)
SELECT {version:UInt32}, {made_by:String}
