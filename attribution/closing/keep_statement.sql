-- Purpose: Stores what each team pays in a month that is being closed.
-- Grain: a team, department and cost center
INSERT INTO statement_lines (version, period, team, department, cost_center, direct, allocated, postings)
SELECT
    {version:UInt64},
    {period:String},
    team, department, cost_center,
    sumIf(amount, pool = ''),
    sumIf(amount, kind = 'allocation'),
    count()
FROM posted
WHERE period = {period:String}
GROUP BY team, department, cost_center
