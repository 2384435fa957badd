-- Purpose: The worker that attributes at the moment, so that workers take turns.
-- Grain: a worker; the highest version counts.
CREATE TABLE IF NOT EXISTS leases
(
    version    UInt64 COMMENT 'the highest counts; ns since the epoch',
    worker     String COMMENT 'who holds it',
    expires_at DateTime64(3, 'UTC') COMMENT 'a worker that died holds nothing for longer; in the past: released'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY worker
