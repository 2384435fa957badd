-- Purpose: which tasks, of those that spans name, each agent worked on.
-- Grain:   day, agent and task, once rows of one key are merged: always sum; a task without entries is none.
-- Holds:   the sum of the committed rows of `activity`.
CREATE TABLE IF NOT EXISTS agent_tasks
(
    day     Date,
    agent   LowCardinality(String),
    task    String,
    entries Int64
)
ENGINE = SummingMergeTree
ORDER BY (day, agent, task)
SETTINGS non_replicated_deduplication_window = 10000
