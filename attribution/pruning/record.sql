-- Purpose: Notes that a month is let go of, before it is, so that nobody opens it again.
-- Grain: one row; none where that is noted
INSERT INTO pruned_months (period, pruned)
SELECT {period:String}, {pruned:String}
WHERE ({period:String}, {pruned:String}) NOT IN (SELECT period, toString(pruned) FROM pruned_months)
