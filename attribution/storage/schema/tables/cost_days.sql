-- Purpose: The posted amounts by day and by every dimension that reports know.
-- Grain: a day and its dimensions, once rows of one key are merged: always sum.
-- Holds: The sum of the committed rows of `postings`. What needs no user and no task reads `ledger_days`, which has fewer rows.
CREATE TABLE IF NOT EXISTS cost_days
(
    period      LowCardinality(String) COMMENT 'month, such as 2026-10',
    day         Date COMMENT 'day in the configured zone',
    kind        LowCardinality(String) COMMENT 'as in `postings`',
    pool        LowCardinality(String) COMMENT 'the pool; empty: none',
    team        LowCardinality(String) COMMENT 'the team; empty: nobody was found',
    department  LowCardinality(String) COMMENT 'department of the team',
    cost_center LowCardinality(String) COMMENT 'cost center of the team',
    project     LowCardinality(String) COMMENT 'project',
    environment LowCardinality(String) COMMENT 'environment, such as production',
    workflow    LowCardinality(String) COMMENT 'workflow that was started',
    agent       LowCardinality(String) COMMENT 'the agent',
    provider    LowCardinality(String) COMMENT 'who bills',
    model       LowCardinality(String) COMMENT 'the model',
    bucket      LowCardinality(String) COMMENT 'kind of cost',
    user        String COMMENT 'user who started the work' CODEC(ZSTD(1)),
    task        String COMMENT 'the task' CODEC(ZSTD(1)),
    amount      Decimal(38, 12) COMMENT 'USD'
)
ENGINE = SummingMergeTree
ORDER BY (day, period, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, user, task)
SETTINGS non_replicated_deduplication_window = 10000
