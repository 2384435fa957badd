-- Purpose: The weights that each pool is split by (R10).
-- Grain: a period, pool, initiator team and month in which late cost arose; the highest version counts, a weight of 0 withdraws a team.
CREATE TABLE IF NOT EXISTS pool_weights
(
    version UInt64 COMMENT 'the highest counts; ns since the epoch',
    period  LowCardinality(String) COMMENT 'month, such as 2026-10',
    pool    LowCardinality(String) COMMENT 'the pool; empty: none',
    team    LowCardinality(String) COMMENT 'the team; empty: nobody was found',
    weight  Decimal(38, 12) COMMENT 'in the unit of the driver: entries, tokens, USD, ns, or the configured weights',
    late_from LowCardinality(String) COMMENT 'month in which late cost arose; empty: cost of the period itself'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (period, pool, team, late_from)
