-- Purpose: How the cost of pools that serve other pools comes to the teams, solved: whole parts of a common whole.
-- Grain: a period, pool, the pool it leaves through, team, and month in which late cost arose; the highest version counts, 0 parts withdraw a row.
-- Holds: Where a pool has parts, they are its weights; their sum is at most 10^37, so that cost times parts fits in 256 bits.
CREATE TABLE IF NOT EXISTS pool_parts
(
    version UInt64 COMMENT 'the highest counts; ns since the epoch',
    period  LowCardinality(String) COMMENT 'month, such as 2026-10',
    pool    LowCardinality(String) COMMENT 'whose cost it is',
    via     LowCardinality(String) COMMENT 'the last pool on the way: the pool itself where the team used it directly',
    team    LowCardinality(String) COMMENT 'the team; empty: nobody was found',
    parts   Decimal(38, 0) COMMENT 'whole parts; 0 withdraws the row',
    late_from LowCardinality(String) COMMENT 'month in which late cost arose; empty: cost of the period itself'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (period, pool, via, team, late_from)
