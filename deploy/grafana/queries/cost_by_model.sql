-- Purpose: What each model costs, day by day, in USD; what has no model is a tool, a rule or a fee.
-- Grain: a day and model
SELECT toDateTime(day) AS time, if(model = '', '(none)', model) AS model_name, sum(total) AS usd
FROM spanledger.daily_costs
WHERE $__dateFilter(day) AND $__conditionalAll(team IN (${team:singlequote}), $team)
GROUP BY time, model_name
HAVING usd != 0
ORDER BY time, model_name
