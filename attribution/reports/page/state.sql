-- Purpose: How far the store is: what the page asks every few seconds to know whether anything is new.
-- Grain: one row
SELECT
    (SELECT max(pass) FROM passes) AS last_pass,
    (SELECT count() FROM (SELECT 1 FROM span_records LIMIT 1)) > 0 AS has_spans
