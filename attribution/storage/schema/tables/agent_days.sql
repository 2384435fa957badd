-- Purpose: What each agent did and cost, by day.
-- Grain: a day and agent, once rows of one key are merged: always sum.
-- Holds: The sum of the committed rows of `activity`.
CREATE TABLE IF NOT EXISTS agent_days
(
    day               Date COMMENT 'day in the configured zone',
    agent             LowCardinality(String) COMMENT 'the agent',
    spans             Int64 COMMENT 'number of spans',
    own_cost          Decimal(38, 12) COMMENT 'USD billed of spans of the agent',
    inclusive_cost    Decimal(38, 12) COMMENT 'USD billed of spans with the agent on their path',
    entries           Int64 COMMENT 'invocations, re-entrant ones not counted',
    reentrant_entries Int64 COMMENT 'calls back into the agent while it is at work',
    traces            Int64 COMMENT 'traces with an entry that are their own task',
    unpriced          Int64 COMMENT 'billed spans without a known price'
)
ENGINE = SummingMergeTree
ORDER BY (day, agent)
SETTINGS non_replicated_deduplication_window = 10000
