-- Purpose: into what a pass wrote that is rolled up; the rollups of each are in the folder of that name.
-- Grain:   folder.
SELECT 'activity' AS folder FROM activity WHERE pass = {pass:UInt64} LIMIT 1
UNION DISTINCT
SELECT 'postings' FROM first_postings WHERE pass = {pass:UInt64} LIMIT 1
UNION DISTINCT
SELECT 'postings' FROM postings WHERE pass = {pass:UInt64} LIMIT 1
UNION DISTINCT
SELECT 'attributions' FROM attributions WHERE version = {pass:UInt64} AND trace_id != '' LIMIT 1
