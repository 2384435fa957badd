-- Traits: shared_records
-- Purpose: Whether records may tell one call, and of several chains.
-- Grain: one row
-- Needs: joined_records, shared_responses, log_events
-- Columns:
--     shared_records Bool: two records may
--     several_chains Bool: records share a response id, or session and counts, that are not of one chain
SELECT
    count() > 0 AS shared_records,
    countIf(first != last) > 0 AS several_chains
FROM
(
    SELECT min(chain) AS first, if(id = 0, first, max(chain)) AS last
    FROM {shared_records:Identifier}
    ARRAY JOIN [response_hash, event_hash] AS id
    GROUP BY id
)
