-- Purpose: Commits a pass that decided nothing about traces, or abandons a pass whose worker died. All inserts here by or for one pass
--          share its token, so ClickHouse keeps the first of them.
-- Grain: a pass
INSERT INTO attributions (version, trace_id, abandoned)
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {token:String}
SELECT {pass:UInt64}, '', {abandoned:Bool}
