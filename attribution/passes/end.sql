-- Purpose: Records how a pass ended.
-- Grain: a pass
INSERT INTO passes (pass, state)
SELECT {pass:UInt64}, {state:String}
