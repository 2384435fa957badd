-- Purpose: What the days cost in all, in USD. It is at least this much where calls have no price.
-- Grain: one row
SELECT sum(total) AS total
FROM spanledger.costs_by_team
WHERE $__dateFilter(day) AND $__conditionalAll(team IN (${team:singlequote}), $team)
