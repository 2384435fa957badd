-- Purpose: how a pass ended, committed or abandoned; what was said first stands, by the token that both share.
-- Grain:   pass.
INSERT INTO passes (pass, state)
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT {pass:UInt64}, {state:String}
