-- Purpose: The weights that each pool is split by (R10).
-- Grain: a period, pool and initiator team; the highest version counts, a weight of 0 withdraws a team.
CREATE TABLE IF NOT EXISTS pool_weights
(
    version UInt64 COMMENT 'the highest counts; ns since the epoch',
    period  LowCardinality(String) COMMENT 'month, such as 2026-10',
    pool    LowCardinality(String) COMMENT 'the pool; empty: none',
    team    LowCardinality(String) COMMENT 'the team; empty: nobody was found',
    weight  Decimal(38, 12) COMMENT 'in the unit of the driver: entries, tokens, USD, ns, or the configured weights'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (period, pool, team)
