-- Purpose: How much each team used each pool, and no pool, by every measure of use that a driver needs (R10).
-- Grain: a period, pool and initiator team, once rows of one key are merged: always sum.
-- Holds: The sum of the committed rows of `activity`.
CREATE TABLE IF NOT EXISTS pool_use
(
    period           LowCardinality(String) COMMENT 'month, such as 2026-10',
    pool             LowCardinality(String) COMMENT 'empty: of no pool',
    team             LowCardinality(String) COMMENT 'the team; empty: nobody was found',
    entries          Decimal(38, 12) COMMENT 'into any agent, re-entrant ones not counted; of one whose cost is split each team has a part',
    pool_entries     Decimal(38, 12) COMMENT 'into the pool''s own agent',
    pool_duration_ns Int64 COMMENT 'how long these took',
    root_duration_ns Int64 COMMENT 'how long local roots took',
    tokens           Int64 COMMENT 'of billed spans'
)
ENGINE = SummingMergeTree
ORDER BY (period, pool, team)
SETTINGS non_replicated_deduplication_window = 10000
