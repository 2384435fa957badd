-- Purpose: Begins a pass. Nothing that the pass writes counts until it is committed.
-- Grain: a pass
INSERT INTO passes (pass, state)
SELECT {pass:UInt64}, 'begun'
