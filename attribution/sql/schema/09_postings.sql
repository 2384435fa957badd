-- Purpose: the postings that a trace's first ones are not: corrections, what closed months book late, and all of pools. Postings are
--          added, never changed (R11).
-- Grain:   posting.
-- Holds:   those of a pass count once it is committed (view `posted`, which has the first postings of traces as well); then the sum over
--          everything is the billed cost of all spans and what was added to pools; the kinds tell apart what a row is; a relief takes
--          out of a pool what its allocations give.
CREATE TABLE IF NOT EXISTS postings
(
    pass             UInt64,
    posted_at        DateTime64(9, 'UTC'),
    effective_at     DateTime64(9, 'UTC') COMMENT 'start of the span; of an allocation, the start of its day; of an addition, of its month',
    effective_period LowCardinality(String) COMMENT 'month of effective_at in the configured zone',
    period           LowCardinality(String) COMMENT 'month it is booked in; another one where the first was closed (R12)',
    day              Date COMMENT 'day it is booked on',
    kind             LowCardinality(String) COMMENT 'direct, pool, correction, repricing, late, added; allocation, relief',
    trace_id         String CODEC(ZSTD(1)),
    span_id          String CODEC(ZSTD(1)),
    pool             LowCardinality(String),
    team             LowCardinality(String),
    department       LowCardinality(String),
    cost_center      LowCardinality(String),
    project          LowCardinality(String),
    environment      LowCardinality(String),
    user             String CODEC(ZSTD(1)),
    task             String CODEC(ZSTD(1)),
    workflow         LowCardinality(String),
    agent            LowCardinality(String),
    provider         LowCardinality(String),
    model            LowCardinality(String),
    bucket           LowCardinality(String),
    amount           Decimal(38, 12) COMMENT 'USD',
    reason           LowCardinality(String),
    addition         UUID COMMENT 'the addition that is posted; zeros: none',
    INDEX pass pass TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY period
ORDER BY (trace_id, span_id)
SETTINGS index_granularity = 1024
