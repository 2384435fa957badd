-- Purpose: What teams said against lines of their statements, and what became of it. Rows are added, never changed.
-- Grain: an event
CREATE TABLE IF NOT EXISTS dispute_events
(
    dispute UUID COMMENT 'the dispute',
    at      DateTime64(9, 'UTC') COMMENT 'when it happened',
    kind    LowCardinality(String) COMMENT 'opened, answered, settled or rejected',
    period  LowCardinality(String) COMMENT 'month of the statement, such as 2026-10',
    team    LowCardinality(String) COMMENT 'the team whose statement it is',
    section LowCardinality(String) COMMENT 'section of the line',
    item    String COMMENT 'item of the line',
    detail  String COMMENT 'detail of the line',
    amount  Decimal(38, 12) COMMENT 'USD that are disputed; of a settlement what the team pays less',
    payer   LowCardinality(String) COMMENT 'of a settlement: the team that pays instead',
    who     String COMMENT 'who said it; of a settlement who approved it',
    reason  String COMMENT 'why, or the answer'
)
ENGINE = MergeTree
ORDER BY (period, team, dispute, at)
