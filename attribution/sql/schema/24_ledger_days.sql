-- Purpose: what was posted, day by day, by every dimension with few values.
-- Grain:   day and its dimensions, once rows of one key are merged: always sum.
-- Holds:   the sum of the committed rows of `postings`.
CREATE TABLE IF NOT EXISTS ledger_days
(
    effective_period LowCardinality(String),
    period           LowCardinality(String),
    day              Date,
    kind             LowCardinality(String),
    pool             LowCardinality(String),
    team             LowCardinality(String),
    department       LowCardinality(String),
    cost_center      LowCardinality(String),
    project          LowCardinality(String),
    environment      LowCardinality(String),
    workflow         LowCardinality(String),
    agent            LowCardinality(String),
    provider         LowCardinality(String),
    model            LowCardinality(String),
    bucket           LowCardinality(String),
    amount           Decimal(38, 12) COMMENT 'USD',
    found            Bool ALIAS team != '' COMMENT 'has a team',
    dimension        String ALIAS '' COMMENT 'any: each has a column'
)
ENGINE = SummingMergeTree
ORDER BY
(
    day, period, effective_period, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket
)
SETTINGS non_replicated_deduplication_window = 10000
