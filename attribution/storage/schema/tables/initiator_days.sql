-- Purpose: What initiators cost, and how they were found, by day.
-- Grain: a day, pool, team, way in which it was found, sender, and sender that names it, once rows of one key are merged: always sum.
-- Holds: The sum of the committed rows of `initiator_parts`.
CREATE TABLE IF NOT EXISTS initiator_days
(
    day              Date COMMENT 'day in the configured zone',
    pool             LowCardinality(String) COMMENT 'the pool; empty: none',
    team             LowCardinality(String) COMMENT 'of the initiator; empty: nobody was found',
    initiator_source LowCardinality(String) COMMENT 'how the team was found: said, link, sender, trace, session, owner; empty: it was not',
    sender           LowCardinality(String) COMMENT 'who sent the span',
    named_by         LowCardinality(String) COMMENT 'the sender whose spans name the team',
    amount           Decimal(38, 12) COMMENT 'USD billed'
)
ENGINE = SummingMergeTree
ORDER BY (day, pool, team, initiator_source, sender, named_by)
SETTINGS non_replicated_deduplication_window = 10000
