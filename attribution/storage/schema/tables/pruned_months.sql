-- Purpose: The closed months whose spans, or whose content, were let go of, and when this began. Rows are added, never changed.
-- Grain: a month and what was let go of; begun again, it has several rows
CREATE TABLE IF NOT EXISTS pruned_months
(
    period LowCardinality(String) COMMENT 'month, such as 2026-10',
    pruned Enum8('content' = 1, 'span' = 2) COMMENT 'content, or the spans',
    at     DateTime64(9, 'UTC') DEFAULT now64(9) COMMENT 'when it began'
)
ENGINE = MergeTree
ORDER BY (period, pruned, at)
