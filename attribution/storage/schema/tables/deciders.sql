-- Purpose: The services that could decide about calls at the moment, so that one does.
-- Grain: a service; the highest version counts.
CREATE TABLE IF NOT EXISTS deciders
(
    version    UInt64 COMMENT 'the highest counts; ns since the epoch',
    decider    String COMMENT 'which service',
    since      UInt64 COMMENT 'the one that is there for longest decides; ns since the epoch',
    seen       Array(String) COMMENT 'the others that it knows of',
    expires_at DateTime64(3, 'UTC') COMMENT 'a service that died holds nobody up for longer; in the past: it has ended'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY decider
