-- Purpose: What a pass changed in what the cost of traces lacks: differences to the previous decisions.
-- Grain: a pass, day, team and reason
-- Holds: Rows are added, never changed. Those of a pass count once it is committed. They are deleted when the pass is forgotten.
CREATE TABLE IF NOT EXISTS missing_parts
(
    pass   UInt64 COMMENT 'the pass that wrote the row',
    day    Date COMMENT 'day in the configured zone',
    team   LowCardinality(String) COMMENT 'of the initiator; empty: nobody was found',
    reason LowCardinality(String) COMMENT 'unpriced, unobserved, sampled',
    count  Int64 COMMENT 'of calls, of totals, or of calls that were not sampled, as estimated',
    tokens Int64 COMMENT 'input and output, as far as known or estimated',
    usd    Decimal(38, 12) COMMENT 'USD; 0 where it is not known'
)
ENGINE = MergeTree
ORDER BY pass
