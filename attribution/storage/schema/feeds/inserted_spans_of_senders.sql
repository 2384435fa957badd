-- Purpose: Counts inserted spans by their sender; what repricing writes again is no delivery.
-- Grain: a sender and inserted block
CREATE MATERIALIZED VIEW IF NOT EXISTS inserted_spans_of_senders TO inserted_spans AS
SELECT
    sender,
    count() AS spans
FROM span_records
WHERE repriced_at IS NULL
GROUP BY sender
