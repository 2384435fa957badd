-- Purpose: drops what the rollups hold of passes that are forgotten.
-- Grain:   row of `activity`.
DELETE FROM activity
WHERE pass < {before:UInt64} AND pass NOT IN (SELECT pass FROM passes)
