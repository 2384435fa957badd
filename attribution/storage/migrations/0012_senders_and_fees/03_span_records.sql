-- Purpose: Says in one place what a fee is: a provider's tool, which has a price in the book, is one too.
-- Grain: the whole table
ALTER TABLE span_records
MODIFY COLUMN is_fee Bool ALIAS ((cost_source = 'rule' OR (cost_source = 'unpriced' AND startsWith(price_id, 'rule:')))
        AND NOT (bucket IN ('compute', 'platform') AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL)))
    OR (bucket = 'tool' AND cost_source = 'priced' AND model = '')
    COMMENT 'the price is a fee, which is no part of what totals above it repeat'
