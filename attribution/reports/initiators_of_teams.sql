-- Purpose: How it was found that teams started what they started in some days, before pools are split (R8).
-- Grain: a team, and where {axis} names it a day, week or month
-- Columns: since: the day, the Monday of the week or the month; team; said: USD of work of which that was said; linked: over links; inferred: by
--          its sender, trace, session or the owner of its agent; through_others: of all of it what the team has because of another sender's
--          records
SELECT
    multiIf(
        {axis:String} = 'day', toString(day),
        {axis:String} = 'week', toString(toMonday(day)),
        {axis:String} = 'month', substring(toString(day), 1, 7),
        '') AS since,
    toString(team) AS team,
    sumIf(amount, initiator_source = 'said') AS said,
    sumIf(amount, initiator_source = 'link') AS linked,
    sumIf(amount, initiator_source NOT IN ('said', 'link', '')) AS inferred,
    sumIf(amount, sender != named_by AND team != '') AS through_others
FROM initiator_sources
WHERE day BETWEEN {first:Date} AND {last:Date}
GROUP BY since, team
ORDER BY since, team
