-- Purpose: Deletes the activity of passes that are forgotten. The rollups hold its sums.
-- Grain: a row of `activity`
DELETE FROM activity
WHERE pass < {before:UInt64} AND pass NOT IN (SELECT pass FROM passes)
