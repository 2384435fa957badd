-- Purpose: the postings that count.
-- Grain:   posting of a committed pass.
CREATE OR REPLACE VIEW posted AS
SELECT *
FROM every_posting
WHERE pass NOT IN (SELECT pass FROM uncommitted_passes)
