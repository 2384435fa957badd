-- Traits: nested_records
-- Purpose: Whether records of one path tell one call.
-- Grain: one row
-- Needs: suspects
-- Columns:
--     joined_records Bool: two records do
SELECT countIf(notEmpty(joined)) > 0 AS joined_records
FROM {nested_records:Identifier}
