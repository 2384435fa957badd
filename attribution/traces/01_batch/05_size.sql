-- Purpose: how much a batch holds, and how far it goes.
-- Grain:   one row.
SELECT count() AS traces, max(trace_id) AS last
FROM {batch:Identifier}
