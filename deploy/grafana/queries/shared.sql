-- Purpose: What of it is the teams' part of shared agents, in USD.
-- Grain: one row
SELECT sum(allocated) AS shared
FROM spanledger.costs_by_team
WHERE $__dateFilter(day) AND $__conditionalAll(team IN (${team:singlequote}), $team)
