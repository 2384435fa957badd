-- Traits: initiators
-- Purpose: Whether a local root continues a session, and whether several records tell one call.
-- Grain: one row
-- Needs: sessions, shared_records
-- Columns:
--     continued_sessions Bool: a local root does
--     calls Bool: several records do
SELECT
    (SELECT count() FROM {continued_sessions:Identifier}) > 0 AS continued_sessions,
    (SELECT count() FROM {calls:Identifier}) > 0 AS calls
