-- Purpose: What each day costs, and how many tasks there were that cost something.
-- Grain: a day
SELECT costs.day AS day, total, tasks, if(tasks = 0, NULL, total / tasks) AS cost_per_task
FROM
(
    SELECT day, sum(amount) AS total
    FROM ledger_days
    WHERE day BETWEEN {first:Date} AND {last:Date}
    GROUP BY day
) AS costs
LEFT JOIN
(
    SELECT day, uniqExact(key) AS tasks
    FROM ledger_names
    WHERE dimension = 'task' AND name != '' AND day BETWEEN {first:Date} AND {last:Date}
    GROUP BY day
) AS worked_on USING (day)
ORDER BY day
