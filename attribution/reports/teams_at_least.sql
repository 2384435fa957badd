-- Purpose: The teams whose totals of some days lack something; '' where it is not known whose (R15).
-- Grain: a team
SELECT DISTINCT team
FROM missing
WHERE day BETWEEN {first:Date} AND {last:Date}
ORDER BY team
