-- Purpose: What the cost of traces lacks, by day.
-- Grain: a day, team and reason, once rows of one key are merged: always sum.
-- Holds: The sum of the committed rows of `missing_parts`.
CREATE TABLE IF NOT EXISTS missing_days
(
    day    Date COMMENT 'day in the configured zone',
    team   LowCardinality(String) COMMENT 'of the initiator; empty: nobody was found',
    reason LowCardinality(String) COMMENT 'unpriced, unobserved, sampled',
    count  Int64 COMMENT 'of calls, of totals, or of calls that were not sampled, as estimated',
    tokens Int64 COMMENT 'input and output, as far as known or estimated',
    usd    Decimal(38, 12) COMMENT 'USD; 0 where it is not known'
)
ENGINE = SummingMergeTree
ORDER BY (day, team, reason)
SETTINGS non_replicated_deduplication_window = 10000
