-- Purpose: The teams whose totals of some days lack something; '' where it is not known whose (R15).
-- Grain: a team, and where {axis} names it a day, week or month
-- Columns: since: the day, the Monday of the week or the month; team
SELECT DISTINCT
    multiIf(
        {axis:String} = 'day', toString(day),
        {axis:String} = 'week', toString(toMonday(day)),
        {axis:String} = 'month', substring(toString(day), 1, 7),
        '') AS since,
    team
FROM missing
WHERE day BETWEEN {first:Date} AND {last:Date}
ORDER BY since, team
