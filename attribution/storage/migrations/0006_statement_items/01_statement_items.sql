-- Purpose: Makes the table of what statements say. A month that is closed already gets its items when its statement is asked for.
-- Grain: the whole table
CREATE TABLE IF NOT EXISTS statement_items
(
    version UInt64 COMMENT 'that of the closing; ns since the epoch',
    period  LowCardinality(String) COMMENT 'month, such as 2026-10',
    team    LowCardinality(String) COMMENT 'the team; empty: nobody was found',
    section LowCardinality(String) COMMENT 'payer, workflow, agent, model, bucket, pool, change, inferred or missing',
    item    String COMMENT 'department, workflow, agent, model, bucket, pool, kind of posting, or what is missing',
    detail  String COMMENT 'cost center, provider, how the pool is split, why it was posted, or the model',
    count   UInt64 COMMENT 'postings of a change, calls that are missing',
    weight  Decimal(38, 12) COMMENT 'what the team used of the pool, in the unit of the driver',
    share   Decimal(38, 12) COMMENT 'part of the cost of the pool',
    amount  Decimal(38, 12) COMMENT 'USD'
)
ENGINE = MergeTree
ORDER BY (period, version, team, section, item, detail)
