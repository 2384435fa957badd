-- View: initiator_sources
-- Purpose: How it was found who started the work: how much of a team's cost was said, linked or inferred, and through whose records it came.
-- Grain: a day, pool, team, source, sender and sender that names the team (day, pool, team, initiator_source, sender, named_by)
-- Joins: costs_by_team on day, team
-- Columns:
--     day Date: day in the configured zone
--     pool LowCardinality(String): the pool; empty: none
--     team LowCardinality(String): team that started the work; empty: nobody was found
--     initiator_source LowCardinality(String): said (of the work), link, sender (said of it), trace, session or owner; empty: nobody was found
--     sender LowCardinality(String): who sent the spans, by the ingest key; empty: there are no keys
--     named_by LowCardinality(String): the sender whose spans name the team
--     amount Decimal(38, 12): USD billed, in pools too, before they are split
-- Holds: The amounts sum to what all spans are billed. Where sender and named_by differ, the team pays because of another sender's records.
-- Example: SELECT team, sender, sum(amount) AS amount FROM initiator_sources WHERE sender != named_by GROUP BY team, sender
SELECT
    day, pool, team, initiator_source, sender, named_by,
    sum(initiator_days.amount) AS amount
FROM initiator_days
GROUP BY day, pool, team, initiator_source, sender, named_by
HAVING amount != 0
