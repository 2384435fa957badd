-- Purpose: What invoices were found to bill, held against the ledger. Rows are added, never changed: of a provider and day the latest count.
-- Grain: a reconciliation, provider, day, model and kind
CREATE TABLE IF NOT EXISTS reconciliations
(
    at        DateTime64(9, 'UTC') COMMENT 'when it was reconciled; the same for all rows of a reconciliation',
    provider  LowCardinality(String) COMMENT 'who bills',
    day       Date COMMENT 'day in UTC, as providers count',
    model     LowCardinality(String) COMMENT 'the model; empty: the line is for none',
    kind      String COMMENT 'kind of token, or what else is billed',
    billed    Decimal(38, 12) COMMENT 'USD on the invoice',
    explained Decimal(38, 12) COMMENT 'USD that the ledger has of it',
    unseen    Decimal(38, 12) COMMENT 'USD of tokens that no span tells of',
    variance  Decimal(38, 12) COMMENT 'USD, all else',
    reason    String COMMENT 'why it is not explained'
)
ENGINE = MergeTree
ORDER BY (provider, day, at)
