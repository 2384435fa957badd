-- Purpose: How often workflows ran in a week and in the week before.
-- Grain: a team and workflow
WITH toDateTime64({first:Date}, 9, {timezone:String}) AS begins
SELECT team, workflow, countIf(start_time < begins) AS runs_before, countIf(start_time >= begins) AS runs
FROM traces
WHERE start_time >= toDateTime64({before:Date}, 9, {timezone:String})
    AND start_time < toDateTime64({last:Date} + 1, 9, {timezone:String})
GROUP BY team, workflow
