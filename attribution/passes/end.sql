-- Purpose: how a pass ended.
-- Grain:   pass.
INSERT INTO passes (pass, state)
SELECT {pass:UInt64}, {state:String}
