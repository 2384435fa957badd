-- Purpose: How many spans of each sender were inserted, whatever became of them: what the spools say they delivered must have come here.
-- Grain: a sender, once rows are summed
-- Holds: A delivery that was inserted twice, because the service ended before it knew that the first insert had passed, counts twice.
CREATE TABLE IF NOT EXISTS inserted_spans
(
    sender LowCardinality(String) COMMENT 'who sent, by the ingest key',
    spans  UInt64 COMMENT 'spans that were inserted'
)
ENGINE = SummingMergeTree
ORDER BY sender
