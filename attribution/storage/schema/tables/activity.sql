-- Purpose: What a pass changed in what agents did and cost: differences to the previous decisions, so that the sums over all rows are
--          right.
-- Grain: a pass and key; a key is day, agent, pool, team and task, each '' where the figure does not depend on it.
-- Holds: Rows are added, never changed. Those of a pass count once it is committed. They are deleted when the pass is forgotten.
CREATE TABLE IF NOT EXISTS activity
(
    pass              UInt64 COMMENT 'the pass that wrote the row',
    day               Date COMMENT 'day in the configured zone',
    agent             LowCardinality(String) COMMENT 'the agent',
    pool              LowCardinality(String) COMMENT 'the pool; empty: none',
    team              LowCardinality(String) COMMENT 'of the initiator',
    task              String COMMENT 'that the spans name; the trace itself is empty',
    spans             Int64 COMMENT 'with the agent on their path',
    own_cost          Decimal(38, 12) COMMENT 'USD billed of spans of the agent',
    inclusive_cost    Decimal(38, 12) COMMENT 'USD billed of spans with the agent on their path',
    entries           Int64 COMMENT 'into the agent, re-entrant ones not counted',
    reentrant_entries Int64 COMMENT 'calls back into the agent while it is at work',
    traces            Int64 COMMENT 'with an entry that are their own task',
    uses              Decimal(38, 12) DEFAULT entries COMMENT 'the entries as weights: of one whose cost is split each team has a part',
    pool_entries      Decimal(38, 12) COMMENT 'those of the uses that invoke the pool',
    pool_duration_ns  Int64 COMMENT 'how long these took',
    root_duration_ns  Int64 COMMENT 'how long local roots took',
    tokens            Int64 COMMENT 'of billed spans',
    unpriced          Int64 COMMENT 'billed spans of the agent without a known price'
)
ENGINE = MergeTree
ORDER BY pass
