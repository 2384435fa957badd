-- Purpose: which version the schema of this store has.
-- Grain:   one row; NULL where no version was recorded.
SELECT maxOrNull(version) AS version
FROM schema_versions
