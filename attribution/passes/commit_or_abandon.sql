-- Purpose: says that a pass that decided nothing about traces is committed, or that one was given up for dead; what was said first
--          stands, by the token that all share which the pass inserts here.
-- Grain:   pass.
INSERT INTO attributions (version, trace_id, abandoned)
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT {pass:UInt64}, '', {abandoned:Bool}
