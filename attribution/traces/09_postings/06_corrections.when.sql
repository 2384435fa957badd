-- Purpose: Whether a trace may have postings already, or needs postings that are booked in another month.
-- Grain: one row where a trace does
SELECT 1
FROM {previous_decisions:Identifier}
UNION ALL
SELECT 1
FROM {amounts_to_post:Identifier}
WHERE NOT is_first
LIMIT 1
