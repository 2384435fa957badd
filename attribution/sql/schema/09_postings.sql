-- Purpose: the ledger. Postings are added, never changed (R11).
-- Grain:   posting. (trace_id, span_id, entry, seq) is its identity: two workers that post the same difference write the
--          same identity, and the first one stands.
-- Holds:   the sum over everything is the billed cost of all spans and what was added to pools; the kinds tell apart what a row is;
--          a relief takes out of a pool what its allocations give to teams.
CREATE TABLE IF NOT EXISTS postings
(
    posted_at    DateTime64(9, 'UTC'),
    effective_at DateTime64(9, 'UTC') COMMENT 'start of the span; of an allocation, the start of its day; of an addition, of its month',
    period       LowCardinality(String) COMMENT 'month it is booked in',
    day          Date COMMENT 'day it is booked on',
    kind         LowCardinality(String) COMMENT 'direct, pool, correction, repricing, late, added; allocation, relief',
    trace_id     String CODEC(ZSTD(1)),
    span_id      String CODEC(ZSTD(1)),
    pool         LowCardinality(String),
    team         LowCardinality(String),
    department   LowCardinality(String),
    cost_center  LowCardinality(String),
    project      LowCardinality(String),
    environment  LowCardinality(String),
    user         String CODEC(ZSTD(1)),
    task         String CODEC(ZSTD(1)),
    workflow     LowCardinality(String),
    agent        LowCardinality(String),
    provider     LowCardinality(String),
    model        LowCardinality(String),
    bucket       LowCardinality(String),
    amount       Decimal(38, 12) COMMENT 'USD',
    reason       LowCardinality(String),
    entry        UInt64 COMMENT 'hash of what the amount is posted to',
    seq          UInt32 COMMENT 'how many postings stood for the entry before',
    precedence   UInt64 COMMENT 'counts down with time, so that the first of two equal identities stands'
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY period
ORDER BY (trace_id, span_id, entry, seq)
SETTINGS index_granularity = 1024
