-- View: reconciliations_found
-- Purpose: What each provider billed of each day, held against the ledger when it was reconciled last.
-- Grain: a provider, day, model and kind (provider, day, model, kind)
-- Joins: ledger on provider, model and day, which in the ledger is a day of the configured zone
-- Columns:
--     provider LowCardinality(String): who bills
--     day Date: day in UTC, as providers count
--     model LowCardinality(String): the model; empty: the line is for none
--     kind String: kind of token, or what else is billed
--     billed Decimal(38, 12): USD on the invoice
--     explained Decimal(38, 12): USD that the ledger has of it
--     unseen Decimal(38, 12): USD of tokens that no span tells of
--     variance Decimal(38, 12): USD, all else
--     reason String: why it is not explained
--     at DateTime64(9, 'UTC'): when it was reconciled
-- Holds: billed = explained + unseen + variance.
-- Example: SELECT provider, day, sumIf(explained, kind != '(ledger)') / sum(billed) AS coverage FROM reconciliations_found GROUP BY provider, day ORDER BY day
SELECT provider, day, model, kind, billed, explained, unseen, variance, reason, at
FROM reconciliations
WHERE (provider, day, at) IN (SELECT provider, day, max(at) FROM reconciliations GROUP BY provider, day)
