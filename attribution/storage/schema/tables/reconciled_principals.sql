-- Purpose: Whose calls invoices were found to bill. Rows are added, never changed: of a provider and day the latest reconciliation counts.
-- Grain: a reconciliation, provider, day and principal
CREATE TABLE IF NOT EXISTS reconciled_principals
(
    at              DateTime64(9, 'UTC') COMMENT 'when it was reconciled, as in reconciliations',
    provider        LowCardinality(String) COMMENT 'who bills',
    day             Date COMMENT 'day in UTC, as providers count',
    principal       String COMMENT 'who called, as the invoice says; empty: it names nobody',
    billed          Decimal(38, 12) COMMENT 'USD on the invoice',
    unseen_at_least Decimal(38, 12) COMMENT 'USD of it that no span tells of, at least',
    unseen_at_most  Decimal(38, 12) COMMENT 'USD of it that no span tells of, at most'
)
ENGINE = MergeTree
ORDER BY (provider, day, at)
