-- Purpose: notes that the rollups hold what a pass wrote.
-- Grain:   pass.
INSERT INTO passes (pass, state)
SELECT {pass:UInt64}, 'rolled up'
