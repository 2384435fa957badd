-- Purpose: what each team paid in a month when it was closed: held against the ledger ever after (R12).
-- Grain:   closing, team, department and cost center. Rows are added, never changed.
-- Columns: version is that of the closing in `period_states`; lines of a closing that did not come about have none there.
CREATE TABLE IF NOT EXISTS statement_lines
(
    version     UInt64,
    period      LowCardinality(String),
    team        LowCardinality(String),
    department  LowCardinality(String),
    cost_center LowCardinality(String),
    direct      Decimal(38, 12),
    allocated   Decimal(38, 12),
    postings    UInt64 COMMENT 'rows of the ledger that it sums up'
)
ENGINE = MergeTree
ORDER BY (period, version, team, department, cost_center)
