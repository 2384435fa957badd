-- Purpose: forgets passes that are long done; what was abandoned is never forgotten, for its rows must never count.
-- Grain:   pass.
DELETE FROM passes
WHERE pass < {before:UInt64} AND pass IN (SELECT pass FROM passes WHERE state = 'rolled up')
