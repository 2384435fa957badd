-- Purpose: how many postings the passes since one made.
-- Grain:   one row.
SELECT
    (SELECT count() FROM postings WHERE pass >= {first:UInt64} AND pass NOT IN (SELECT pass FROM uncommitted_passes))
        + (SELECT sum(length(amount)) FROM first_postings WHERE pass >= {first:UInt64} AND pass NOT IN (SELECT pass FROM uncommitted_passes)) AS n
