-- Purpose: The versions that the schema of this store has had. A newer Spanledger reads here what to migrate.
-- Grain: a version of the schema and how it came about; the highest version counts. Rows are added, never changed.
CREATE TABLE IF NOT EXISTS schema_versions
(
    version    UInt32 COMMENT 'number of the last migration that is part of the schema',
    made_by    String COMMENT 'version of Spanledger that brought the store to it',
    reached_at DateTime64(9, 'UTC') DEFAULT now64(9) COMMENT 'when'
)
ENGINE = MergeTree
ORDER BY version
