-- Purpose: which traces hold a call with a given response id, to find one call told twice (R1).
-- Grain:   response id and trace; rows stay when a resend drops the id, which only widens a search.
CREATE TABLE IF NOT EXISTS responses
(
    response_id String,
    trace_id    String
)
ENGINE = ReplacingMergeTree
ORDER BY (response_id, trace_id)
