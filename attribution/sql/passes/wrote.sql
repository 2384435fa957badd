-- Purpose: into what a pass wrote that is rolled up; the rollups of each are in the folder of that name.
-- Grain:   table, at least once.
SELECT 'activity' AS wrote FROM activity WHERE pass = {pass:UInt64} LIMIT 1
UNION ALL
SELECT 'postings' FROM first_postings WHERE pass = {pass:UInt64} LIMIT 1
UNION ALL
SELECT 'postings' FROM postings WHERE pass = {pass:UInt64} LIMIT 1
