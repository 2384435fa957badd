-- Purpose: How many spans the posted amounts lack: billed without a price, not attributed yet, and those that the collectors tell of.
-- Grain: one row
SELECT
    (SELECT sum(unpriced_spans) FROM trace_days FINAL WHERE NOT has_moved) AS unpriced,
    (SELECT sum(new_spans) FROM pending) AS pending,
    (SELECT sum(quarantined) FROM sender_days FINAL) AS quarantined,
    (SELECT sum(rejected) FROM sender_days FINAL) AS rejected
