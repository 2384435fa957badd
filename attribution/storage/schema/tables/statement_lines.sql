-- Purpose: What each team paid in a month when it was closed. An audit compares it with the ledger (R12).
-- Grain: a closing, team, department and cost center. Rows are added, never changed.
-- Columns: version: that of the closing in `period_states`. Lines of a closing that was not completed have none there.
CREATE TABLE IF NOT EXISTS statement_lines
(
    version     UInt64 COMMENT 'the highest counts; ns since the epoch',
    period      LowCardinality(String) COMMENT 'month, such as 2026-10',
    team        LowCardinality(String) COMMENT 'the team; empty: nobody was found',
    department  LowCardinality(String) COMMENT 'department of the team',
    cost_center LowCardinality(String) COMMENT 'cost center of the team',
    direct      Decimal(38, 12) COMMENT 'USD charged to the initiator',
    allocated   Decimal(38, 12) COMMENT 'USD of shared pools',
    postings    UInt64 COMMENT 'rows of the ledger that it sums up'
)
ENGINE = MergeTree
ORDER BY (period, version, team, department, cost_center)
