-- Purpose: Deletes what passes that are forgotten changed in what cost lacks. The rollup holds its sums.
-- Grain: a row of `missing_parts`
DELETE FROM missing_parts
WHERE pass < {before:UInt64} AND pass NOT IN (SELECT pass FROM passes)
