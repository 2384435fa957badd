-- Purpose: Who agreed to what a team is charged in a month. Rows are added, never changed.
-- Grain: a sign-off; one of another amount than the month's does not count.
CREATE TABLE IF NOT EXISTS sign_offs
(
    at     DateTime64(9, 'UTC') COMMENT 'when it was signed',
    period LowCardinality(String) COMMENT 'month, such as 2026-10',
    team   LowCardinality(String) COMMENT 'the team',
    amount Decimal(38, 12) COMMENT 'USD charged, as they were signed',
    who    String COMMENT 'who signed',
    note   String COMMENT 'what they wrote to it'
)
ENGINE = MergeTree
ORDER BY (period, team, at)
