-- Purpose: What a pass changed in what initiators cost, and in how they were found: differences to the previous decisions.
-- Grain: a pass, day, pool, team, way in which it was found, sender, and sender that names it
-- Holds: Rows are added, never changed. Those of a pass count once it is committed. They are deleted when the pass is forgotten.
CREATE TABLE IF NOT EXISTS initiator_parts
(
    pass             UInt64 COMMENT 'the pass that wrote the row',
    day              Date COMMENT 'day in the configured zone',
    pool             LowCardinality(String) COMMENT 'the pool; empty: none',
    team             LowCardinality(String) COMMENT 'of the initiator; empty: nobody was found',
    initiator_source LowCardinality(String) COMMENT 'how the team was found: said, link, sender, trace, session, owner; empty: it was not',
    sender           LowCardinality(String) COMMENT 'who sent the span',
    named_by         LowCardinality(String) COMMENT 'the sender whose spans name the team',
    amount           Decimal(38, 12) COMMENT 'USD billed'
)
ENGINE = MergeTree
ORDER BY pass
