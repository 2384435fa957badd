-- Purpose: The teams of the last year.
-- Grain: a team
SELECT DISTINCT team FROM spanledger.costs_by_team WHERE day >= today() - 365 ORDER BY team
