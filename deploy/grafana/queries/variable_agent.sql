-- Purpose: The agents of the last year.
-- Grain: an agent
SELECT DISTINCT agent FROM spanledger.costs_by_agent WHERE day >= today() - 365 ORDER BY agent
