-- Purpose: The statement of a closed month.
-- Grain: a team, department and cost center
SELECT team, department, cost_center, direct, allocated, total
FROM statements
WHERE period = {period:String}
ORDER BY total DESC, team, department, cost_center
