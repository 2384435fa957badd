-- Purpose: The version of the schema of this store.
-- Grain: one row; NULL where no version was recorded
SELECT maxOrNull(version) AS version
FROM schema_versions
