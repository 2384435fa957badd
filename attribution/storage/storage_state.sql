-- Purpose: What the store says of itself, for who looks whether all is well.
-- Grain: one row
SELECT
    version() AS version,
    now64(3, 'UTC') AS now,
    (SELECT count() FROM span_records) AS spans,
    (SELECT count() FROM pending) AS pending
