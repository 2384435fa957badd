-- Purpose: All postings but the first ones of a trace: corrections, late cost of closed months, and those of pools. Postings are added,
--          never changed (R11).
-- Grain: a posting
-- Holds: Those of a pass count once it is committed (view `posted`, which has the first postings as well). Then the sum over everything is
--        the billed cost of all spans and what was added to pools. A relief takes out of a pool what its allocations give to teams.
CREATE TABLE IF NOT EXISTS postings
(
    pass             UInt64 COMMENT 'the pass that wrote the row',
    posted_at        DateTime64(9, 'UTC') COMMENT 'when it was posted',
    effective_at     DateTime64(9, 'UTC') COMMENT 'start of the span; of an allocation, the start of its day; of an addition, of its month',
    effective_period LowCardinality(String) COMMENT 'month of effective_at in the configured zone',
    period           LowCardinality(String) COMMENT 'month it is booked in; another one where the first was closed (R12)',
    day              Date COMMENT 'day it is booked on',
    kind             LowCardinality(String) COMMENT 'direct, pool, unobserved, correction, repricing, late, added, adjustment; allocation, relief',
    trace_id         String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1)),
    span_id          String COMMENT 'span, 16 hex digits' CODEC(ZSTD(1)),
    pool             LowCardinality(String) COMMENT 'the pool; empty: none',
    team             LowCardinality(String) COMMENT 'the team; empty: nobody was found',
    department       LowCardinality(String) COMMENT 'department of the team',
    cost_center      LowCardinality(String) COMMENT 'cost center of the team',
    project          LowCardinality(String) COMMENT 'project',
    environment      LowCardinality(String) COMMENT 'environment, such as production',
    user             String COMMENT 'user who started the work' CODEC(ZSTD(1)),
    task             String COMMENT 'the task' CODEC(ZSTD(1)),
    workflow         LowCardinality(String) COMMENT 'workflow that was started',
    agent            LowCardinality(String) COMMENT 'the agent',
    provider         LowCardinality(String) COMMENT 'who bills',
    model            LowCardinality(String) COMMENT 'the model',
    bucket           LowCardinality(String) COMMENT 'kind of cost',
    amount           Decimal(38, 12) COMMENT 'USD',
    reason           LowCardinality(String) COMMENT 'why it was posted',
    addition         UUID COMMENT 'the addition that is posted, or the dispute that is settled; zeros: none',
    sender           LowCardinality(String) COMMENT 'who sent the record that it is for; empty: there are no keys, or it is for none',
    INDEX pass pass TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY period
ORDER BY (trace_id, span_id)
SETTINGS index_granularity = 1024
