-- Purpose: The kinds of rows that a pass wrote. Each has a folder of that name with its rollups.
-- Grain: a folder
SELECT 'activity' AS folder FROM activity WHERE pass = {pass:UInt64} LIMIT 1
UNION DISTINCT
SELECT 'initiator_parts' FROM initiator_parts WHERE pass = {pass:UInt64} LIMIT 1
UNION DISTINCT
SELECT 'missing_parts' FROM missing_parts WHERE pass = {pass:UInt64} LIMIT 1
UNION DISTINCT
SELECT 'postings' FROM first_postings WHERE pass = {pass:UInt64} LIMIT 1
UNION DISTINCT
SELECT 'postings' FROM postings WHERE pass = {pass:UInt64} LIMIT 1
UNION DISTINCT
SELECT 'attributions' FROM attributions WHERE version = {pass:UInt64} AND trace_id != '' LIMIT 1
