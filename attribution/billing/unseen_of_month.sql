-- Purpose: What providers bill of a month and no span tells of, by what was reconciled last of each day.
-- Grain: a provider
SELECT provider, sum(unseen) AS unseen
FROM reconciliations_found
WHERE provider IN {providers:Array(String)} AND formatDateTime(day, '%Y-%m') = {period:String}
GROUP BY provider
ORDER BY provider
