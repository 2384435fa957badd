-- Purpose: Forgets passes that were rolled up long ago. An abandoned pass is never forgotten, because its rows must never count.
-- Grain: a pass
DELETE FROM passes
WHERE pass < {before:UInt64} AND pass IN (SELECT pass FROM passes WHERE state = 'rolled up')
