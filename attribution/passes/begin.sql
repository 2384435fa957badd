-- Purpose: a pass begins: until it is committed nothing that it writes counts.
-- Grain:   pass.
INSERT INTO passes (pass, state)
SELECT {pass:UInt64}, 'begun'
