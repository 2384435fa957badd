-- Purpose: The tasks that each agent worked on, of those that spans name.
-- Grain: a day, agent and task, once rows of one key are merged: always sum; a task without entries is none.
-- Holds: The sum of the committed rows of `activity`.
CREATE TABLE IF NOT EXISTS agent_tasks
(
    day     Date COMMENT 'day in the configured zone',
    agent   LowCardinality(String) COMMENT 'the agent',
    task    String COMMENT 'the task',
    entries Int64 COMMENT 'invocations, re-entrant ones not counted'
)
ENGINE = SummingMergeTree
ORDER BY (day, agent, task)
SETTINGS non_replicated_deduplication_window = 10000
