-- Purpose: What of it has no team, in USD.
-- Grain: one row
SELECT sumIf(total, team = '') AS unattributed
FROM spanledger.costs_by_team
WHERE $__dateFilter(day)
