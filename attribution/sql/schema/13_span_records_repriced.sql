-- Purpose: what repricing notes on a span, and whether the span's price is a fee, which is no part of what totals above it repeat.
-- Grain:   column.
-- Holds:   a fee is set by rule (unpriced where the rule counts what the span does not say) and stands beside the model calls; a
--          model call that a rule prices (GPU time, a platform's flat price) is a call all the same: it can be told twice, and
--          totals above it repeat it (R4).
ALTER TABLE span_records
    ADD COLUMN IF NOT EXISTS repriced_at Nullable(DateTime64(9, 'UTC')) COMMENT 'when a later price book priced it anew; NULL: priced on receipt',
    ADD COLUMN IF NOT EXISTS repriced_from LowCardinality(String) COMMENT 'what it was priced by before',
    ADD COLUMN IF NOT EXISTS is_fee Bool ALIAS (cost_source = 'rule' OR (cost_source = 'unpriced' AND startsWith(price_id, 'rule:')))
        AND NOT (bucket IN ('compute', 'platform') AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL))
