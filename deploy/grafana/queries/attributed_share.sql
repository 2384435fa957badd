-- Purpose: The share of the cost that has a team.
-- Grain: one row
SELECT if(sum(total) = 0, NULL, toFloat64(sumIf(total, team != '')) / toFloat64(sum(total))) AS share_with_team
FROM spanledger.costs_by_team
WHERE $__dateFilter(day)
