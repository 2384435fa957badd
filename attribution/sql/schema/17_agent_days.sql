-- Purpose: what each agent did and cost, day by day.
-- Grain:   day and agent, once rows of one key are merged: always sum.
-- Holds:   the sum of the committed rows of `activity`.
CREATE TABLE IF NOT EXISTS agent_days
(
    day               Date,
    agent             LowCardinality(String),
    spans             Int64,
    own_cost          Decimal(38, 12),
    inclusive_cost    Decimal(38, 12),
    entries           Int64,
    reentrant_entries Int64,
    traces            Int64,
    unpriced          Int64
)
ENGINE = SummingMergeTree
ORDER BY (day, agent)
SETTINGS non_replicated_deduplication_window = 10000
