-- Purpose: What the statement of a closed month says, team by team: what it is made of, what is shared and why, what changed, what is
--          missing. It is kept when the month is closed, so that the statement is the same ever after.
-- Grain: a closing, team, section, item and detail. Rows are added, never changed.
CREATE TABLE IF NOT EXISTS statement_items
(
    version UInt64 COMMENT 'that of the closing; ns since the epoch',
    period  LowCardinality(String) COMMENT 'month, such as 2026-10',
    team    LowCardinality(String) COMMENT 'the team; empty: nobody was found',
    section LowCardinality(String) COMMENT 'charged, variance, covered, payer, workflow, agent, model, bucket, pool, change, inferred, senders or missing',
    item    String COMMENT 'charge, account, department, workflow, agent, model, bucket, pool, kind of posting, or what is missing',
    detail  String COMMENT 'what is charged for, cost center, provider, how the pool is split, why it was posted, or the model',
    count   UInt64 COMMENT 'postings of a change, calls that are missing',
    weight  Decimal(38, 12) COMMENT 'what the team used of the pool, in the unit of the driver; what is charged for, in its unit',
    share   Decimal(38, 12) COMMENT 'part of the cost of the pool',
    amount  Decimal(38, 12) COMMENT 'USD'
)
ENGINE = MergeTree
ORDER BY (period, version, team, section, item, detail)
