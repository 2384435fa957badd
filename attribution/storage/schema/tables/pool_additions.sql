-- Purpose: Cost of pools that no span carries: platform fees, hardware, seats, review time.
-- Grain: an addition. Rows are added, never changed: a wrong one is taken back by its negative.
CREATE TABLE IF NOT EXISTS pool_additions
(
    id       UUID COMMENT 'the addition',
    added_at DateTime64(9, 'UTC') COMMENT 'when it was added',
    period   LowCardinality(String) COMMENT 'month, such as 2026-10',
    pool     LowCardinality(String) COMMENT 'the pool; empty: none',
    amount   Decimal(38, 12) COMMENT 'USD',
    driver   LowCardinality(String) COMMENT 'given with it, for the pool in the month; empty: none was given',
    note     String COMMENT 'what people wrote to it'
)
ENGINE = MergeTree
ORDER BY (period, pool, id)
