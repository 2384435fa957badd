-- Purpose: the postings that count.
-- Grain:   posting of a committed pass.
CREATE VIEW IF NOT EXISTS posted AS
SELECT *
FROM postings
WHERE pass NOT IN (SELECT pass FROM uncommitted_passes)
