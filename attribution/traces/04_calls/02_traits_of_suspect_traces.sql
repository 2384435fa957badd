-- Traits: suspect_traces
-- Purpose: Whether records may tell one call with another one of their path, or the sum of those below.
-- Grain: one row
-- Needs: several_records
-- Columns:
--     suspects Bool: in a trace of the batch they may
SELECT count() > 0 AS suspects
FROM {suspect_traces:Identifier}
