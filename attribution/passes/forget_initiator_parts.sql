-- Purpose: Deletes what passes that are forgotten changed in what initiators cost. The rollup holds its sums.
-- Grain: a row of `initiator_parts`
DELETE FROM initiator_parts
WHERE pass < {before:UInt64} AND pass NOT IN (SELECT pass FROM passes)
